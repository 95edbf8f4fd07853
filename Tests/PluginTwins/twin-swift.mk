# What the twins in Swift share, with plain swiftc: the targets and variables of every plugin project.

OUT ?= build
REFLUX ?= reflux
REFLUX_INCLUDE ?= ../../../Sources/CRefluxPlugin/include
# The sources of RefluxPluginKit.
REFLUX_KIT ?= ../../../Sources/RefluxPluginKit
SWIFTC ?= swiftc

FOLDER := $(OUT)/$(ID)
LIBRARY := $(FOLDER)/lib/linux-$(shell uname -m)/$(ID).so
MODULE := $(subst -,_,$(ID))
WORK := $(OUT)/.work
MODE ?= -O
FLAGS := -swift-version 6 -parse-as-library -wmo -I$(REFLUX_INCLUDE) \
    -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault \
    -enable-upcoming-feature MemberImportVisibility
SOURCES := $(wildcard Sources/*.swift)
KIT := $(shell find $(REFLUX_KIT) -name '*.swift')

.PHONY: all library check debug clean

all: library $(FOLDER)/README.md $(FOLDER)/tests/cases.jsonl
	$(REFLUX) plugin manifest $(LIBRARY) --output $(FOLDER)/plugin.json --test tests/cases.jsonl

library: $(LIBRARY)

$(LIBRARY): $(SOURCES) $(WORK)/libRefluxPluginKit.a
	mkdir -p $(@D)
	$(SWIFTC) $(FLAGS) $(MODE) -module-name $(MODULE) -emit-library -I$(WORK) -L$(WORK) \
	    -lRefluxPluginKit -o $@ $(SOURCES)

$(WORK)/libRefluxPluginKit.a: $(KIT)
	mkdir -p $(@D)
	$(SWIFTC) $(FLAGS) $(MODE) -module-name RefluxPluginKit -package-name kit -emit-module \
	    -emit-module-path $(WORK)/RefluxPluginKit.swiftmodule -emit-library -static -o $@ $(KIT)

$(FOLDER)/README.md: ../README.md
	mkdir -p $(@D)
	cp $< $@

$(FOLDER)/tests/cases.jsonl: tests/cases.jsonl
	mkdir -p $(@D)
	cp $< $@

check: all
	$(REFLUX) plugin check $(FOLDER)

debug:
	$(MAKE) --always-make all MODE='-g -Onone'

clean:
	rm -rf build $(FOLDER)
