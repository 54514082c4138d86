# SPDX-License-Identifier: Apache-2.0
# `make fuzz`: libFuzzer with ASan and UBSan on what reads firmware's tables and guests' code. One line per target:
#     fuzz_<name> := sources besides test/fuzz/fuzz_<name>.c, fuzz_<name>_INC, fuzz_<name>_LIBS, fuzz_<name>_LEN: bytes of an input
FUZZ := fuzz_acpi fuzz_decode fuzz_dt
FUZZ_SECONDS ?= 5
fuzz_acpi := $(ACPI_WORLD)
fuzz_acpi_INC := $(ACPI_WORLD_INC)
fuzz_acpi_LEN := 4096
fuzz_decode := arch/x86/decode.c
fuzz_decode_INC := $(X86_EMU_INC)
fuzz_decode_LEN := 64
fuzz_dt := $(test_platform)
fuzz_dt_INC := -Iconfigs -Iconfigs/arm64
fuzz_dt_LIBS := -lfdt
fuzz_dt_LEN := 16384

# Corpora and inputs that failed stay in build/fuzz: what was found once is tried first from then on.
FUZZ_DIR := build/fuzz
FUZZ_CC := clang -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all

define FUZZ_TARGET
$(H)/fuzz/$1: $(patsubst %,$(H)/obj/$1/%.o,test/fuzz/$1.c $($1))
	@mkdir -p $$(@D)
	@$(FUZZ_CC) $$^ -o $$@ $($1_LIBS)
$(H)/obj/$1/%.c.o: %.c Makefile test/fuzz/fuzz.mk
	@mkdir -p $$(@D)
	@echo "  FUZZCC $$<"
	@$(FUZZ_CC) -std=c11 -g -O1 $(WARN) $($1_INC) $$(INC_HOST) -Itest/unit -MMD -MP -c $$< -o $$@
fuzz-seeds-$1: $(H)/fuzz/$1
endef
$(foreach f,$(FUZZ),$(eval $(call FUZZ_TARGET,$f)))

# Where a corpus begins: with what the unit tests know.
fuzz-seeds-fuzz_acpi:
	@SEEDS=$(FUZZ_DIR)/fuzz_acpi $(H)/fuzz/fuzz_acpi
fuzz-seeds-fuzz_decode: $(H)/test_x86_decode
	@SEEDS=$(FUZZ_DIR)/fuzz_decode $<
fuzz-seeds-fuzz_dt:
	@for t in virt board; do dtc -q -I dts -O dtb -o $(FUZZ_DIR)/fuzz_dt/$$t test/unit/dt/$$t.dts || exit 1; done

fuzz: ## libFuzzer on readers of firmware tables and guests' code; FUZZ_SECONDS=60 for each, T='fuzz_dt …' for some of them
	+@MAKE='$(MAKE)' sh test/fuzz/run.sh '$(FUZZ_CC)' $(H)/fuzz $(FUZZ_DIR) $(FUZZ_SECONDS) \
		$(foreach f,$(or $(T),$(FUZZ)),$f:$($f_LEN))

.PHONY: fuzz $(FUZZ:%=fuzz-seeds-%)
