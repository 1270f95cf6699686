all: a.o3 b.o3 c.o3
%.o3: text.txt ; @echo building $@; head -n 3 $< >$@
b.o3: a.o3
many: $(foreach n,1 2 3 4 5 6 7 8,made/$(n))
made/%: ; @mkdir -p made; sleep 0.01; echo $* >$@
fail: ; @exit 3
clean: ; @rm -rf *.o3 made
.PHONY: all many fail clean
