# The two commands that matter: `make quickstart` and `make test`. `make help` lists all.

SWIFT ?= swift
# C kernels are optimised in debug builds as well (Package.swift); debug is for tests only.
BUILD := $(SWIFT) build
RELEASE := -c release
REFLUX := .build/release/reflux
APT_PACKAGES := libopenblas-dev libdnnl-dev libpcre2-dev zlib1g-dev libjansson-dev libssl-dev

.PHONY: help setup build test end-to-end quickstart ablation lint format docs clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: ## install the system libraries, or say exactly what is missing
	@sh Examples/setup.sh $(APT_PACKAGES)

build: setup ## build the command line (release)
	$(BUILD) $(RELEASE) --product reflux

test: setup ## build and run all tests (debug)
	$(SWIFT) test

quickstart: build ## train a tiny teacher, distil it into a smaller student, print the table
	$(REFLUX) run Examples/quickstart.yaml

ablation: build ## the quickstart with the plain pointwise reward model and with the rule's reward
	$(REFLUX) run Examples/quickstart-ablation.yaml

end-to-end: build ## a small run of every stage, killed half-way and resumed
	sh Examples/end-to-end.sh $(REFLUX)

lint: ## check formatting and documentation comments
	$(SWIFT) format lint --strict --parallel --recursive Sources Tests Package.swift

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

clean: ## remove build products
	rm -rf .build
