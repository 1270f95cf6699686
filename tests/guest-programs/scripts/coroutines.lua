local function gen(n) return coroutine.wrap(function() for i = 1, n do coroutine.yield(i * i) end end) end
local s = 0 for v in gen(1000) do s = s + v end print(s, ...)
print(pcall(error, { code = 5 }), select("#", 1, nil, 3), string.format("%5.2f|%q", 3.14159, "a\nb"))
local t = setmetatable({}, { __index = function(_, k) return k .. "!" end }) print(t.x, #"abc", 7 // 2, 2 ^ 0.5, 1 << 40)
for l in io.lines("noeol.txt") do print(l) end os.exit(4)
