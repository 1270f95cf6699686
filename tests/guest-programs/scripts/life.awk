BEGIN { W = 30; H = 12; g[5, 5] = g[6, 5] = g[7, 5] = g[7, 4] = g[6, 3] = 1
for (t = 0; t < 20; t++) { delete n; for (k in g) { split(k, p, SUBSEP); for (i = -1; i < 2; i++) for (j = -1; j < 2; j++) if (i || j) n[p[1] + i, p[2] + j]++ }
delete h; for (k in n) if (n[k] == 3 || n[k] == 2 && (k in g)) h[k] = 1; delete g; for (k in h) g[k] = 1 }
for (y = 0; y < H; y++) { s = ""; for (x = 0; x < W; x++) s = s (((x, y) in g) ? "#" : "."); print s } }
