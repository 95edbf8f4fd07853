# The two commands that matter: `make quickstart` and `make test`. `make help` lists all.

SWIFT ?= swift
# C kernels are optimised in debug builds as well (Package.swift); debug is for tests only, and for
# CI, where one build then serves everything.
BUILD := $(SWIFT) build
CONFIG ?= release
REFLUX := .build/$(CONFIG)/reflux
# Where `make install` puts things; DESTDIR stands before it in packages.
PREFIX ?= /usr/local
INSTALLED := $(DESTDIR)$(PREFIX)
PLUGINS := .build/plugins
HEADERS := Sources/CRefluxPlugin/include
APT_PACKAGES := libopenblas-dev libdnnl-dev libpcre2-dev zlib1g-dev libjansson-dev libssl-dev \
    libsqlite3-dev libedit-dev

.PHONY: help setup build reflux plugins test fuzz end-to-end quickstart ablation lint format docs \
    twins plugin-parity plugin-tests bench bench-kernels bench-plugins sanitize install uninstall clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: ## install the system libraries, or say exactly what is missing
	@sh Examples/setup.sh $(APT_PACKAGES)

build: reflux plugins ## build the command line and the plugins (release, or CONFIG=debug)

reflux: setup ## build the command line alone
	$(BUILD) -c $(CONFIG) --product reflux

# Every folder in Plugins/ is a project of its own; its Makefile takes these variables.
plugins: reflux ## build the plugins that come with Reflux into .build/plugins
	@for project in $(patsubst %/Makefile,%,$(wildcard Plugins/*/Makefile)); do \
	    name=$${project#Plugins/}; \
	    if ls "$$project"/src/*.rs >/dev/null 2>&1 && ! command -v rustc >/dev/null; then \
	        echo "plugin $$name is left out: there is no rustc"; continue; \
	    fi; \
	    echo "plugin $$name"; \
	    $(MAKE) --no-print-directory -C "$$project" OUT="$(CURDIR)/$(PLUGINS)" \
	        REFLUX="$(CURDIR)/$(REFLUX)" REFLUX_INCLUDE="$(CURDIR)/$(HEADERS)" \
	        SCRATCH="$(CURDIR)/.build/plugins-swift/$$name" || exit 1; \
	done

test: setup ## build and run all tests (debug)
	$(SWIFT) test

# Everything that reads outside bytes or computes with pointers. It takes about as long as all tests.
SANITIZED := RefluxEngineTests|RefluxFilesTests|RefluxTasksTests
sanitize: setup ## the tests of the engine and of the readers under AddressSanitizer
	$(SWIFT) test --disable-xctest --sanitize=address --scratch-path .build/address \
	    --filter '$(SANITIZED)'

# Real data beside the repository gives more seeds.
FUZZ_DATA ?= ../shared/data
fuzz: setup ## a million mutated inputs for every reader of outside bytes (about 10 minutes)
	$(BUILD) -c release --product reflux-fuzz
	.build/release/reflux-fuzz --inputs 1000000 \
	    $(if $(wildcard $(FUZZ_DATA)),--data $(FUZZ_DATA))

quickstart: build ## train a tiny teacher, distil it into a smaller student, print the table
	$(REFLUX) run Examples/quickstart.yaml

ablation: build ## the quickstart with the plain pointwise reward model and with the rule's reward
	$(REFLUX) run Examples/quickstart-ablation.yaml

end-to-end: build ## a small run of every stage, killed half-way and resumed
	sh Examples/end-to-end.sh $(REFLUX)

twins: build ## build the twins of built-in parts into .build/twins
	@for twin in Tests/PluginTwins/*/; do \
	    $(MAKE) --no-print-directory -C "$$twin" OUT="$(CURDIR)/.build/twins" \
	        REFLUX="$(CURDIR)/$(REFLUX)" >/dev/null || exit 1; \
	done

plugin-parity: twins ## a small run with plugins gives the bits of the built-in parts
	@rm -rf .build/parity
	sh Examples/plugin-twins.sh $(REFLUX) Examples/smoke.yaml "$(CURDIR)/.build/twins" .build/parity \
	    --set reinforce.use=grpo

plugin-tests: build ## test every plugin, template and tutorial with an installed Reflux, outside the tree
	@rm -rf .build/installed
	$(MAKE) --no-print-directory install PREFIX="$(CURDIR)/.build/installed" >/dev/null
	work=$$(mktemp -d) && bash Tests/Scripts/check-plugins.sh .build/installed "$$work" && rm -rf "$$work"

bench: setup ## compare the engine with PyTorch, TRL, OpenVINO and tokenizers (docs/performance.md)
	$(BUILD) -c release --product engine-bench
	python3 Benchmarks/Engine/bench.py --engine .build/release/engine-bench --document

bench-kernels: setup ## how fast each kernel is; BEFORE=FILE compares with what OUT=FILE wrote
	$(BUILD) -c release --product kernel-bench
	.build/release/kernel-bench $(if $(OUT),--out $(OUT)) $(if $(BEFORE),--against $(BEFORE))

bench-plugins: twins ## what a call of a plugin costs
	$(BUILD) -c release --product plugin-cost
	.build/release/plugin-cost .build/twins "$(CURDIR)/$(REFLUX)"

lint: ## check formatting and documentation comments
	$(SWIFT) format lint --strict --parallel --recursive Sources Tests Benchmarks Package.swift

format: ## format the sources in place
	$(SWIFT) format --in-place --parallel --recursive Sources Tests Package.swift

docs: ## build the API reference of the public modules into docs/api (DocC)
	$(BUILD)
	$(SWIFT) package dump-symbol-graph --minimum-access-level public --skip-synthesized-members
	@rm -rf .build/symbols docs/api && mkdir -p .build/symbols
	@find .build/*/symbolgraph -name 'RefluxCore*.json' -o -name 'RefluxTesting*.json' | \
	    xargs -I {} cp {} .build/symbols/
	docc convert --fallback-display-name Reflux --fallback-bundle-identifier reflux \
	    --additional-symbol-graph-dir .build/symbols --output-path docs/api
	@echo "read it with: python3 -m http.server --bind 127.0.0.1 --directory docs/api"

install: ## install what make build made: PREFIX=/usr/local
	@test -x $(REFLUX) || { echo "error: $(REFLUX) is not built; run make build first" >&2; exit 1; }
	install -d "$(INSTALLED)/bin" "$(INSTALLED)/include/reflux" "$(INSTALLED)/lib/pkgconfig" \
	    "$(INSTALLED)/lib/reflux/plugins"
	install -m 755 $(REFLUX) "$(INSTALLED)/bin/reflux"
	install -m 644 $(HEADERS)/reflux/*.h "$(INSTALLED)/include/reflux"
	sh Examples/install-plugin-kit.sh "$(INSTALLED)" "$(PLUGINS)"
	@printf '%s\n' 'prefix=$(abspath $(PREFIX))' 'includedir=$${prefix}/include' '' \
	    'Name: reflux-plugin' 'Description: The C interface of Reflux plugins' 'Version: 1.0' \
	    'Cflags: -I$${includedir}' > "$(INSTALLED)/lib/pkgconfig/reflux-plugin.pc"

# Plugins that came from elsewhere stay.
uninstall: ## remove what make install installed
	rm -rf "$(INSTALLED)/bin/reflux" "$(INSTALLED)/include/reflux" "$(INSTALLED)/share/reflux" \
	    "$(INSTALLED)/lib/pkgconfig/reflux-plugin.pc"
	@for project in $(patsubst Plugins/%/Makefile,%,$(wildcard Plugins/*/Makefile)); do \
	    rm -rf "$(INSTALLED)/lib/reflux/plugins/$$project"; \
	done
	@rmdir "$(INSTALLED)/lib/reflux/plugins" "$(INSTALLED)/lib/reflux" 2>/dev/null || true

clean: ## remove build products
	rm -rf .build
