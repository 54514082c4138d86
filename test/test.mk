# SPDX-License-Identifier: Apache-2.0
# What `make test`, `make unit` and `make lint` do. System tests (run, check, bench, debug) are in test/system/system.mk.
-include test/system/system.mk
include test/unit/unit.mk
include test/lint/lint.mk
include test/fuzz/fuzz.mk

# --- Unit tests: real sources on the host, against test/fake and test/model ----------------------------------------
UNIT := $(sort $(filter-out %_INC %_LIBS %_MAIN,$(foreach v,$(filter test_%,$(.VARIABLES)),$(if $(filter file,$(origin $v)),$v))))
UNIT_BIN := $(UNIT:%=$(H)/%)
# A test that nobody registered would never run and never fail.
UNIT_LOST := $(filter-out $(UNIT),$(notdir $(basename $(wildcard test/unit/test_*.c))))

INC_HOST := -Itest/fake/include -Ihyp/include -Iguest-api/include -Itest -I.
CFLAGS_HOST := -std=c11 -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer $(WARN)

# Sources of tests with their own include path are compiled for that test alone, the others once for all.
unit_dir = $(H)/obj/$(if $($1_INC),$1,common)
define UNIT_TEST
$(H)/$1: $(patsubst %,$(call unit_dir,$1)/%.o,$(sort $(or $($1_MAIN),test/unit/$1.c) test/unit/start.c $($1)))
	@$$(HOSTCC) -fsanitize=address,undefined $$^ -o $$@ $($1_LIBS) -lcmocka
$(if $($1_INC),$(call UNIT_COMPILE,$1,$($1_INC)))
endef
define UNIT_COMPILE
$(H)/obj/$1/%.c.o: %.c Makefile test/test.mk
	@mkdir -p $$(@D)
	@echo "  HOSTCC $$<"
	@$$(HOSTCC) $$(CFLAGS_HOST) $2 $$(INC_HOST) -MMD -MP -c $$< -o $$@
endef
$(eval $(call UNIT_COMPILE,common,))
$(foreach t,$(UNIT),$(eval $(call UNIT_TEST,$t)))
-include $(shell find $(H)/obj -name '*.d' 2>/dev/null)

unit: ## unit tests on the host (ASan, UBSan); T='test_pool …' for some of them
	@$(if $(UNIT_LOST),echo "unit: not in test/unit/unit.mk: $(UNIT_LOST)"; exit 1,:)
	+@MAKE='$(MAKE)' sh test/unit/run.sh $(H) $(or $(T),$(UNIT))

unit-build: $(UNIT_BIN)

# --- Configurations: judged on the host before anything boots them -------------------------------------------------
# For each architecture those it has: objects and programs are in $(H)/obj/config-ARCH and $(H)/config/ARCH.
config_srcs = $(wildcard configs/*.c test/system/configs/*.c test/system/configs/$1/*.c)
CONFIG_SRC_arm64 := $(filter-out configs/demo-q35.c,$(call config_srcs,arm64))
CONFIG_SRC_x86   := $(filter-out configs/demo-virt.c,$(call config_srcs,x86))
CHECK_SRC := test/config/accepts.c test/unit/start.c $(CONFIG_RULES) $(FAKE)
config_inc = -Itest/config/$1 -Iconfigs -Iconfigs/$1 -Itest/system/configs

# $1: architecture, $2: source. Partition images are not built for this: each is one page of nothing.
define CHECK_CONFIG
$(H)/config/$1/$(basename $(notdir $2)): $(addprefix $(H)/obj/config-$1/,$(addsuffix .o,$(CHECK_SRC) arch/$1/config_rules.c $2))
	@mkdir -p $$(@D)
	@for i in $$$$(nm -u $$(filter %/$2.o,$$^) | sed -n 's/.* image_\(.*\)_start$$$$/\1/p'); do \
		printf '.data\n.globl image_%s_start\nimage_%s_start:\n.zero 4096\n.globl image_%s_end\nimage_%s_end:\n' $$$$i $$$$i $$$$i $$$$i; \
	done >$$@.S
	@$$(HOSTCC) -fsanitize=address,undefined -z noexecstack $$^ $$@.S -o $$@ -lcmocka
CONFIG_CHECKS += $(H)/config/$1/$(basename $(notdir $2))
endef
$(foreach a,arm64 x86,$(eval $(call UNIT_COMPILE,config-$a,$(call config_inc,$a))))
$(foreach a,arm64 x86,$(foreach c,$(CONFIG_SRC_$a),$(eval $(call CHECK_CONFIG,$a,$c))))
$(H)/obj/common/configs/%.o: INC_HOST += -Iconfigs -Iconfigs/arm64

# Whatever is called bad-* must be refused.
check-config: $(CONFIG_CHECKS) ## config_check() of every configuration, on the host
	@bad=0; for c in $(CONFIG_CHECKS:$(H)/config/%=%); do \
		case $$c in */bad-*) want=--bad ;; *) want= ;; esac; \
		echo "== $$c"; \
		$(H)/config/$$c $$want 2>&1 || bad=1; \
	done; exit $$bad

# --- Everything ------------------------------------------------------------------------------------------------------
TEST_STEPS ?= unit fuzz check-config check-arm64 check-x86

test: ## unit tests, short fuzzing, configuration check and system tests of both architectures; the last line sums them up
	+@MAKE='$(MAKE)' sh test/run.sh build/results $(TEST_STEPS)

.PHONY: unit unit-build check-config test
