# SPDX-License-Identifier: Apache-2.0
# System tests in QEMU. The runner (test/system/*.c) reads test/system/cases.ini; logs are in build/test.
RUNNER := $(H)/runner
RUNNER_SRC := $(wildcard test/system/*.c)
RUNNER_CMD = $(RUNNER) --out build/$(ARCH)- '$(if $(DEBUG),-debug)$(if $(CLANG),-clang)' --logs build/test \
	--make ARCH=$(ARCH) --make DEBUG=$(DEBUG) --make CLANG=$(CLANG) $(if $(QEMU),--qemu $(QEMU))
CFLAGS_TOOL := -std=c11 -O2 -g $(WARN)

$(RUNNER): $(RUNNER_SRC) test/system/runner.h
	@mkdir -p $(@D) build/test
	@echo "  HOSTCC $@"
	@$(HOSTCC) $(CFLAGS_TOOL) $(RUNNER_SRC) -lcmocka -o $@

$(H)/bench: test/bench/bench.c
	@mkdir -p $(@D)
	@echo "  HOSTCC $@"
	@$(HOSTCC) $(CFLAGS_TOOL) $< -o $@

# The test configurations use the board of configs/.
$(B)/test/system/configs/%.c.o: CFLAGS_HYP += -Iconfigs

run: $(O)/hyp.bin $(RUNNER) ## boot CONFIG in QEMU, console on this terminal; exit 0 if it did what it should
	@mkdir -p build/test
	@$(RUNNER_CMD) --run $(CONFIG) --image $<

debug: $(O)/hyp.bin $(RUNNER) ## as run, but QEMU waits for gdb before the first instruction
	@mkdir -p build/test
	@echo "in another terminal: gdb-multiarch $(O)/hyp.elf -ex 'target remote 127.0.0.1:1234'"
	@$(RUNNER_CMD) --run $(CONFIG) --image $< --gdb

check: $(RUNNER) ## system tests in QEMU; CASE=name or CASE=group for some of them
	@mkdir -p build/test
	@$(RUNNER_CMD) $(if $(CASE),--only $(CASE))

check-list: $(RUNNER) ## the cases of check and their groups
	@mkdir -p build/test
	@$(RUNNER_CMD) --list

bench: $(RUNNER) $(H)/bench ## instruction counts of the hypervisor, against targets and limits
	@mkdir -p build/test
	@$(RUNNER_CMD) --only bench
	@$(H)/bench test/bench/limits.txt build/test/bench.log

.PHONY: run debug check check-list bench
