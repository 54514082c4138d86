# SPDX-License-Identifier: Apache-2.0
# `make lint`: every check runs, each says ok or what it found; the checks themselves are tried on test/lint/bad.
LINT := selftest text shape format layers headers gcc clang size symbols stack tidy cppcheck shell
# These look at what a compiler sees: each runs once for every architecture, as lint-CHECK-ARCH.
LINT_EACH := headers gcc clang size symbols stack tidy cppcheck
LINT_ARCHS := arm64 x86
LINT_CONFIG_arm64 := demo-virt
LINT_CONFIG_x86   := demo-q35

lint-selftest:
	@sh test/lint/selftest.sh '$(CC_gcc)' '$(CROSS)nm'
lint-text lint-shape lint-format lint-layers: lint-%:
	@sh test/lint/$*.sh
lint-shell:
	@! command -v shellcheck >/dev/null || shellcheck -e SC1091,SC2016,SC2094 -s sh tools/*.sh test/*.sh test/*/*.sh
	@! command -v shellcheck >/dev/null || shellcheck .ci/run

$(LINT_EACH:%=lint-%):
	+@bad=0; $(foreach a,$(LINT_ARCHS),$(MAKE) --no-print-directory ARCH=$a CONFIG=$(LINT_CONFIG_$a) CLANG= DEBUG= $@-$a || { echo "^^ of $a"; bad=1; };) exit $$bad

# --- For one architecture ------------------------------------------------------------------------------------------
LINT_SRC := $(filter %.c,$(SRC))
LINT_FLAGS := -std=c11 -ffreestanding -mgeneral-regs-only -DBULKHEAD_DEBUG=0 -Wall -Wextra -Werror -Wundef -Wno-unused-parameter \
	$(INC_HYP) $(INC_CONFIG) $(INC_LIBFDT_$(ARCH))
LINT_GUEST := $(wildcard guest-api/lib/*.c guest-api/lib/$(ARCH)/*.c guest-api/examples/*.c test/guests/*.c)
LINT_CPU_arm64 := __aarch64__
LINT_CPU_x86   := __x86_64__

lint-headers-$(ARCH):
	@sh test/lint/headers.sh $(ARCH) $(TARGET_$(ARCH)) $(CC_gcc) $(LINT_FLAGS)
# Both compilers, warnings are errors.
LINT_O := build/lint-$(ARCH)
LINT_MAKE = $(MAKE) --no-print-directory -s $(if $(findstring j,$(MAKEFLAGS)),,-j$(shell nproc))
lint-gcc-$(ARCH):
	@$(LINT_MAKE) O=$(LINT_O) $(LINT_O)/hyp.bin
lint-clang-$(ARCH):
	@$(LINT_MAKE) CLANG=1 O=$(LINT_O)-clang $(LINT_O)-clang/hyp.bin
lint-size-$(ARCH): lint-gcc-$(ARCH)
	@sh tools/size.sh $(SIZE) $(LINT_O)/hyp.elf $(SIZE_LIMIT_$(ARCH))
lint-symbols-$(ARCH): lint-gcc-$(ARCH)
	@sh test/lint/symbols.sh $(CROSS)nm $(LINT_O)
lint-stack-$(ARCH): lint-gcc-$(ARCH) lint-clang-$(ARCH)
	@sh test/lint/stack.sh $(LINT_O)
	@sh test/lint/stack.sh $(LINT_O)-clang
# What an architecture does not have (arm64: PCI_MSI) makes the rest of a function dead; the other judges the same code.
LINT_TIDY_arm64 := -clang-analyzer-deadcode.DeadStores
lint-tidy-$(ARCH):
	@bad=0; CHECKS=$(LINT_TIDY_$(ARCH)) sh test/lint/tidy.sh '--target=$(TARGET_$(ARCH)) $(LINT_FLAGS)' $(filter hyp/%,$(LINT_SRC)) || bad=1; \
	sh test/lint/tidy.sh '--target=$(TARGET_$(ARCH)) $(LINT_FLAGS)' $(filter-out hyp/%,$(LINT_SRC)) || bad=1; exit $$bad
lint-cppcheck-$(ARCH):
	@cppcheck --quiet --std=c11 -j 2 --enable=warning,portability --error-exitcode=1 --inline-suppr \
		--suppress=missingInclude --suppressions-list=test/lint/cppcheck.txt -D$(LINT_CPU_$(ARCH)) $(INC_HYP) $(INC_CONFIG) \
		-Itest/guests $(LINT_SRC) $(LINT_GUEST)

lint: ## formatting, layers, sizes, both compilers, clang-tidy, cppcheck … of both architectures; L='text tidy' for some of them
	+@MAKE='$(MAKE)' sh test/lint/run.sh $(or $(L),$(LINT))

.PHONY: lint $(LINT:%=lint-%) $(foreach a,$(LINT_ARCHS),$(LINT_EACH:%=lint-%-$a))
