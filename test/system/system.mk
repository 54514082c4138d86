# SPDX-License-Identifier: Apache-2.0
# System tests in QEMU. The runner (test/system/*.c) reads the lists CASES; logs are in build/test/ARCH.
RUNNER := $(H)/runner
LOGS := build/test/$(ARCH)
RUNNER_SRC := $(wildcard test/system/*.c)
CASES := test/system/machine-$(ARCH).ini test/system/cases.ini test/system/cases-$(ARCH).ini
QEMU_arm64 := qemu-system-aarch64
QEMU_x86   := qemu-system-x86_64
RUNNER_CMD = $(RUNNER) $(addprefix --cases ,$(CASES)) --out build/$(ARCH)- '$(if $(DEBUG),-debug)$(if $(CLANG),-clang)' --logs $(LOGS) \
	--make ARCH=$(ARCH) --make DEBUG=$(DEBUG) --make CLANG=$(CLANG) --qemu $(or $(QEMU),$(QEMU_$(ARCH)))
CFLAGS_TOOL := -std=c11 -O2 -g $(WARN)

$(RUNNER): $(RUNNER_SRC) test/system/runner.h
	@mkdir -p $(@D)
	@echo "  HOSTCC $@"
	@$(HOSTCC) $(CFLAGS_TOOL) $(RUNNER_SRC) -lcmocka -o $@

$(H)/bench: test/bench/bench.c
	@mkdir -p $(@D)
	@echo "  HOSTCC $@"
	@$(HOSTCC) $(CFLAGS_TOOL) $< -o $@

run: $(O)/hyp.bin $(RUNNER) ## boot CONFIG in QEMU, console on this terminal; exit 0 if it did what it should
	@mkdir -p $(LOGS)
	@$(RUNNER_CMD) --run $(CONFIG) --image $<

debug: $(O)/hyp.bin $(RUNNER) ## as run, but QEMU waits for gdb before the first instruction
	@mkdir -p $(LOGS)
	@echo "in another terminal: gdb-multiarch $(O)/hyp.elf -ex 'target remote 127.0.0.1:1234'"
	@$(RUNNER_CMD) --run $(CONFIG) --image $< --gdb

check: $(RUNNER) ## system tests in QEMU; CASE=name or CASE=group for some of them
	@mkdir -p $(LOGS)
	@$(RUNNER_CMD) $(if $(CASE),--only $(CASE))

check-arm64 check-x86: ## system tests of one architecture
	+@$(MAKE) --no-print-directory check ARCH=$(@:check-%=%)

check-list: $(RUNNER) ## the cases of check and their groups
	@mkdir -p $(LOGS)
	@$(RUNNER_CMD) --list

bench: $(RUNNER) $(H)/bench ## instruction counts of the hypervisor, against targets and limits
	@mkdir -p $(LOGS)
	@$(RUNNER_CMD) --only bench
	@$(H)/bench test/bench/limits-$(ARCH).txt $(LOGS)/bench.log

.PHONY: run debug check check-arm64 check-x86 check-list bench
