// SPDX-License-Identifier: BSD-2-Clause
// What C++ offers of threads, and exceptions in them.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <future>
#include <iostream>
#include <mutex>
#include <numeric>
#include <shared_mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

static thread_local std::string mine = "fresh";

static long
sum(const std::vector<int> &values, size_t from, size_t to)
{
	mine += "er";
	return std::accumulate(values.begin() + from, values.begin() + to, 0L);
}

static int
thrower(int number)
{
	try {
		if (number > 2)
			throw std::runtime_error("too much");
	} catch (const std::exception &error) {
		throw std::logic_error(std::string("again: ") + error.what());
	}
	return number;
}

int
main()
{
	std::vector<int> values(100000);
	std::iota(values.begin(), values.end(), 1);
	std::vector<std::future<long>> parts;
	for (size_t i = 0; i < 4; i++)
		parts.push_back(std::async(std::launch::async, sum,
		    std::cref(values), i * 25000, (i + 1) * 25000));
	long total = 0;
	for (auto &part : parts)
		total += part.get();
	std::cout << "sum " << total << ", here " << mine << "\n";

	for (int i = 1; i < 5; i += 2) {
		auto result = std::async(std::launch::async, thrower, i);
		try {
			std::cout << result.get() << "\n";
		} catch (const std::logic_error &error) {
			std::cout << error.what() << "\n";
		}
	}

	std::mutex lock;
	std::condition_variable changed;
	std::atomic<int> spins{ 0 };
	int turn = 0;
	std::vector<std::thread> threads;
	for (int i = 0; i < 5; i++)
		threads.emplace_back([&, i] {
			std::unique_lock<std::mutex> held(lock);
			changed.wait(held, [&] { return turn == i; });
			std::cout << "turn " << i << "\n";
			turn++;
			spins += i;
			changed.notify_all();
		});
	for (auto &thread : threads)
		thread.join();
	std::cout << "spins " << spins << "\n";

	std::timed_mutex timed;
	timed.lock();
	std::thread([&] {
		std::cout << "timed "
			  << timed.try_lock_for(std::chrono::milliseconds(10))
			  << "\n";
	}).join();
	std::shared_mutex shared;
	std::shared_lock<std::shared_mutex> reader(shared);
	std::cout << "shared " << shared.try_lock() << "\n";
	std::promise<std::string> promise;
	auto future = promise.get_future();
	std::thread([&] { promise.set_value("kept"); }).join();
	std::cout << future.get() << "\n";
	return 0;
}
