# What the twins in C share: make, make library, make test, make check, make debug, make clean, with
# the variables of every plugin project (OUT, REFLUX, REFLUX_INCLUDE).
#
# -ffp-contract=off: no fused multiply-add, so that sums round as the built-in part's do.

OUT ?= build
REFLUX ?= reflux
REFLUX_INCLUDE ?= ../../../Sources/CRefluxPlugin/include
CC ?= cc

FOLDER := $(OUT)/$(ID)
LIBRARY := $(FOLDER)/lib/linux-$(shell uname -m)/$(ID).so
MODE ?= -O2
FLAGS := -std=c11 -fPIC -fvisibility=hidden -ffp-contract=off -Wall -Wextra -Werror \
    -I$(REFLUX_INCLUDE)
SOURCES := $(wildcard src/*.c)

.PHONY: all library test check debug clean

all: library $(FOLDER)/README.md $(FOLDER)/tests/cases.jsonl
	$(REFLUX) plugin manifest $(LIBRARY) --output $(FOLDER)/plugin.json --test tests/cases.jsonl

library: $(LIBRARY)

$(LIBRARY): $(SOURCES) $(wildcard src/*.h) $(wildcard $(REFLUX_INCLUDE)/reflux/*.h)
	mkdir -p $(@D)
	$(CC) $(FLAGS) $(MODE) -shared -o $@ $(SOURCES) -lm

$(FOLDER)/README.md: ../README.md
	mkdir -p $(@D)
	cp $< $@

$(FOLDER)/tests/cases.jsonl: tests/cases.jsonl
	mkdir -p $(@D)
	cp $< $@

test:
	mkdir -p build
	$(CC) $(FLAGS) -g -Wno-unused-function -o build/tests tests/tests.c $(SOURCES) -lm
	build/tests

check: all
	$(REFLUX) plugin check $(FOLDER)

debug:
	$(MAKE) --always-make all MODE='-g -O0'

clean:
	rm -rf build $(FOLDER)
