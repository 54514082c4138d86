# SPDX-License-Identifier: Apache-2.0
# `make lint`: every check runs, each says ok or what it found; the checks themselves are tried on test/lint/bad.
LINT := selftest text shape format layers headers gcc clang size symbols stack tidy cppcheck shell
LINT_SRC := $(filter %.c,$(SRC))
LINT_FLAGS := -std=c11 -ffreestanding -mgeneral-regs-only -DBULKHEAD_DEBUG=0 -Wall -Wextra -Werror -Wundef -Wno-unused-parameter -DBULKHEAD_DEBUG=0 \
	$(INC_HYP) -Iconfigs $(INC_LIBFDT)
LINT_GUEST := $(wildcard guest-api/lib/*.c guest-api/lib/$(ARCH)/*.c guest-api/examples/*.c test/guests/*.c)

lint-selftest:
	@sh test/lint/selftest.sh '$(CC_gcc)' '$(CROSS)nm'
lint-text lint-shape lint-format lint-layers: lint-%:
	@sh test/lint/$*.sh
lint-headers:
	@sh test/lint/headers.sh $(CC_gcc) $(LINT_FLAGS)
# Both compilers, warnings are errors.
LINT_O := build/lint
LINT_MAKE = $(MAKE) --no-print-directory -s $(if $(findstring j,$(MAKEFLAGS)),,-j$(shell nproc)) DEBUG=
lint-gcc:
	@$(LINT_MAKE) CLANG= O=$(LINT_O) $(LINT_O)/hyp.bin
lint-clang:
	@$(LINT_MAKE) CLANG=1 O=$(LINT_O)-clang $(LINT_O)-clang/hyp.bin
lint-size: lint-gcc
	@sh tools/size.sh $(SIZE) $(LINT_O)/hyp.elf
lint-symbols: lint-gcc
	@sh test/lint/symbols.sh $(CROSS)nm $(LINT_O)
lint-stack: lint-gcc lint-clang
	@sh test/lint/stack.sh $(LINT_O)
	@sh test/lint/stack.sh $(LINT_O)-clang
lint-tidy:
	@sh test/lint/tidy.sh '--target=aarch64-none-elf $(LINT_FLAGS)' $(LINT_SRC)
lint-cppcheck:
	@cppcheck --quiet --std=c11 -j 2 --enable=warning,portability --error-exitcode=1 --inline-suppr \
		--suppress=missingInclude --suppressions-list=test/lint/cppcheck.txt -D__aarch64__ $(INC_HYP) -Iconfigs \
		-Itest/guests $(LINT_SRC) $(LINT_GUEST)
lint-shell:
	@! command -v shellcheck >/dev/null || shellcheck -e SC1091,SC2016,SC2094 -s sh tools/*.sh test/*.sh test/*/*.sh
	@! command -v shellcheck >/dev/null || shellcheck .ci/run

lint: ## formatting, layers, sizes, both compilers, clang-tidy, cppcheck …; L='text tidy' for some of them
	+@MAKE='$(MAKE)' sh test/lint/run.sh $(or $(L),$(LINT))

.PHONY: lint $(LINT:%=lint-%)
