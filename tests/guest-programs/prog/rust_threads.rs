// SPDX-License-Identifier: BSD-2-Clause
// Threads, channels, a panic that is caught, processes and sockets of Rust.

use std::collections::{BTreeMap, HashMap};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::{mpsc, Arc, Condvar, Mutex, RwLock};
use std::thread;
use std::time::Duration;

fn main() {
    let (sender, receiver) = mpsc::sync_channel(3);
    let workers: Vec<_> = (0..4u64)
        .map(|i| {
            let sender = sender.clone();
            thread::spawn(move || {
                for j in 0..100 {
                    sender.send(i * 1000 + j).unwrap();
                }
                i * i
            })
        })
        .collect();
    drop(sender);
    println!("sum {}", receiver.iter().sum::<u64>());
    println!("squares {:?}", workers.into_iter().map(|w| w.join().unwrap()).collect::<Vec<_>>());

    std::panic::set_hook(Box::new(|_| ()));
    println!("panic {}", thread::spawn(|| { if true { panic!("on purpose") } }).join().is_err());

    let pair = Arc::new((Mutex::new(0), Condvar::new()));
    let other = pair.clone();
    let waiter = thread::spawn(move || {
        let mut value = other.0.lock().unwrap();
        while *value < 5 {
            value = other.1.wait(value).unwrap();
        }
        *value
    });
    for _ in 0..5 {
        *pair.0.lock().unwrap() += 1;
        pair.1.notify_all();
        thread::sleep(Duration::from_millis(1));
    }
    println!("waited for {}", waiter.join().unwrap());

    let counts = Arc::new(RwLock::new(HashMap::new()));
    thread::scope(|scope| {
        for i in 0..3 {
            let counts = &counts;
            scope.spawn(move || {
                for word in std::fs::read_to_string("text.txt").unwrap().split_whitespace().skip(i).step_by(3) {
                    *counts.write().unwrap().entry(word.to_string()).or_insert(0) += 1;
                }
            });
        }
    });
    let sorted: BTreeMap<_, _> = counts.read().unwrap().iter().filter(|(w, _)| w.len() > 5).map(|(w, n)| (w.clone(), *n)).collect();
    println!("{:?}", sorted);

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        stream.write_all(text.to_uppercase().as_bytes()).unwrap();
    });
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(b"over the socket").unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    server.join().unwrap();
    println!("{}", text);

    let output = Command::new("sh").args(["-c", "echo from a child; exit 3"]).output().unwrap();
    print!("{}{:?}\n", String::from_utf8_lossy(&output.stdout), output.status.code());
    println!("{:?}", Command::new("/no/such/program").spawn().is_err());
}
