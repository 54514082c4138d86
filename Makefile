# SPDX-License-Identifier: Apache-2.0
# A module is a file: create it and it is built. Variants are folders, not #ifdefs. `make help` lists everything.
-include local.mk
ARCH   ?= arm64
CONFIG ?= demo-virt
O      ?= build/$(ARCH)-$(CONFIG)$(if $(DEBUG),-debug)$(if $(CLANG),-clang)
H      := build/host
DEPS   := build/deps

.DEFAULT_GOAL := all
MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:

ifneq ($(ARCH),arm64)
$(error ARCH=$(ARCH): only arm64 is there so far)
endif

# --- Tools -------------------------------------------------------------------------------------------------------
# Set up when a tool is missing, once, before anything is built or asked for its name.
ifeq ($(filter help clean distclean setup,$(MAKECMDGOALS)),)
$(if $(filter ok,$(shell sh tools/setup.sh --check >&2 && echo ok)),,$(error the set-up failed: see above))
endif
ifndef CROSS
CROSS := $(firstword $(foreach p,aarch64-none-elf- aarch64-linux-gnu-,$(if $(shell command -v $(p)gcc),$(p))))
endif
CC_gcc   := $(CROSS)gcc
CC_clang := clang --target=aarch64-none-elf
CC_TARGET := $(if $(CLANG),$(CC_clang),$(CC_gcc))
LD       := $(CROSS)ld
OBJCOPY  := $(CROSS)objcopy
AR       := $(CROSS)ar
SIZE     := $(CROSS)size
HOSTCC   ?= gcc

# --- Flags -------------------------------------------------------------------------------------------------------
WARN := -Wall -Wextra -Werror -Wconversion -Wsign-conversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wundef -Wpointer-arith -Wcast-qual -Wwrite-strings -Wvla -Wimplicit-fallthrough -Wno-unused-parameter
INC_HYP := -Ihyp/include -Iguest-api/include -Iarch/$(ARCH)/include
CFLAGS_TARGET := -std=c11 -ffreestanding -fno-pic -fno-pie -fno-common -fno-strict-aliasing -fno-asynchronous-unwind-tables \
	-ffunction-sections -fdata-sections -mstrict-align -g -DBULKHEAD_DEBUG=$(if $(DEBUG),1,0)
CFLAGS_HYP := $(CFLAGS_TARGET) -O2 -mgeneral-regs-only -fstack-protector-strong -fstack-usage $(WARN) $(INC_HYP)
CFLAGS_HYP += $(if $(CLANG),,-mno-outline-atomics -fno-tree-loop-distribute-patterns)

# What a guest waits for is built for speed, everything else for size.
FAST := hyp/iommu_fast.c hyp/pgtable.c hyp/hypercall.c arch/arm64/vpsci.c arch/arm64/gicv3.c arch/arm64/vgic_lr.c \
	arch/arm64/vgic.c drivers/iommu/smmuv3/cmdq.c

# --- The hypervisor ----------------------------------------------------------------------------------------------
IOMMU_arm64 := smmuv3
UART_arm64  := pl011
# Systems are in configs/, those of the system tests in test/system/configs/.
CONFIG_FILE := $(firstword $(wildcard configs/$(CONFIG).c test/system/configs/$(CONFIG).c))
$(if $(CONFIG_FILE),,$(error CONFIG=$(CONFIG): there is no configs/$(CONFIG).c))
SRC := $(wildcard hyp/*.c hyp/lib/*.c arch/$(ARCH)/*.c arch/$(ARCH)/*.S drivers/iommu/$(IOMMU_$(ARCH))/*.c) \
	drivers/uart/$(UART_$(ARCH)).c $(CONFIG_FILE)
# All but the configuration and the images is the same in every system: compiled once, unless you say O=.
B := $(if $(filter file,$(origin O)),build/$(ARCH)$(if $(DEBUG),-debug)$(if $(CLANG),-clang),$(O))
OBJ := $(addprefix $(B)/,$(addsuffix .o,$(SRC)))
LIBFDT_arm64 := $(DEPS)/arm64/usr/lib/aarch64-linux-gnu/libfdt.a
INC_LIBFDT := -isystem $(DEPS)/arm64/usr/include

include $(CONFIG_FILE:.c=.mk)
include test/test.mk

all: $(O)/hyp.bin size ## build the hypervisor image of CONFIG for ARCH

# Partition images: guest-api/examples/NAME.c or test/guests/NAME.c, linked at IMAGE_BASE_NAME (configs/CONFIG.mk).
GUEST_LIB_SRC := $(wildcard guest-api/lib/*.c guest-api/lib/$(ARCH)/*.c guest-api/lib/$(ARCH)/*.S)
GUEST_LIB := $(B)/libsmmu.a
CFLAGS_GUEST := $(CFLAGS_TARGET) -O2 -mgeneral-regs-only $(WARN) -Iguest-api/include -Itest/guests
CFLAGS_GUEST += $(if $(CLANG),,-mno-outline-atomics -fno-tree-loop-distribute-patterns)

$(GUEST_LIB): $(addprefix $(B)/guest/,$(addsuffix .o,$(GUEST_LIB_SRC)))
	@rm -f $@
	@$(AR) rcs $@ $^

$(B)/guest/%.c.o: %.c
	@mkdir -p $(@D)
	@echo "  CC    $<"
	@$(CC_TARGET) $(CFLAGS_GUEST) -MMD -MP -c $< -o $@

$(B)/guest/%.S.o: %.S
	@mkdir -p $(@D)
	@$(CC_TARGET) $(CFLAGS_GUEST) -MMD -MP -c $< -o $@

# $(1): image name
define GUEST_IMAGE
$(O)/image-$(1).elf: $(B)/guest/$(wildcard guest-api/examples/$(or $(IMAGE_SRC_$(1)),$(1)).c test/guests/$(or $(IMAGE_SRC_$(1)),$(1)).c).o $(GUEST_LIB) linker/guest-$(ARCH).ld
	@mkdir -p $$(@D)
	@$(LD) -nostdlib --gc-sections --fatal-warnings -z max-page-size=4096 --defsym=GUEST_BASE=$(IMAGE_BASE_$(1)) -T linker/guest-$(ARCH).ld $$(filter %.o %.a,$$^) -o $$@
$(O)/image-$(1).bin: $(O)/image-$(1).elf
	@$(OBJCOPY) -O binary $$< $$@
endef
$(foreach i,$(IMAGES),$(eval $(call GUEST_IMAGE,$(i))))

$(O)/images.S: $(CONFIG_FILE:.c=.mk) Makefile
	@mkdir -p $(@D)
	@for i in $(IMAGES); do \
		printf '.section .images,"a"\n.balign 16\n.global image_%s_start\nimage_%s_start:\n.incbin "$(O)/image-%s.bin"\n.global image_%s_end\nimage_%s_end:\n.byte 0\n' $$i $$i $$i $$i $$i; \
	done >$@
$(O)/images.o: $(O)/images.S $(foreach i,$(IMAGES),$(O)/image-$(i).bin)
	@$(CC_TARGET) -c $< -o $@

$(B)/%.c.o: %.c Makefile
	@mkdir -p $(@D)
	@echo "  CC    $<"
	@$(CC_TARGET) $(CFLAGS_HYP) $(if $(filter $(FAST),$<),-O2,-Os) $(if $(findstring platform,$<),$(INC_LIBFDT)) -MMD -MP -c $< -o $@

$(B)/%.S.o: %.S
	@mkdir -p $(@D)
	@echo "  AS    $<"
	@$(CC_TARGET) $(CFLAGS_HYP) -MMD -MP -c $< -o $@

$(O)/hyp.ld: linker/$(ARCH).ld.S
	@mkdir -p $(@D)
	@$(CC_gcc) -E -P -x c $(INC_HYP) $< -o $@

# The configuration is judged on the host, with the real images, before it may be linked.
$(H)/check/$(CONFIG): tools/check-config.c $(CONFIG_FILE) $(wildcard hyp/config_*.c) hyp/board_check.c hyp/lib/format.c \
		$(O)/images.S $(foreach i,$(IMAGES),$(O)/image-$(i).bin)
	@mkdir -p $(@D)
	@$(HOSTCC) -std=c11 -g $(WARN) -Itest/fake/include -Ihyp/include -Iguest-api/include -Iconfigs -Wl,-z,noexecstack $(filter %.c %.S,$^) -o $@
$(O)/config.ok: $(H)/check/$(CONFIG)
	@$< && touch $@

# A test system may put a function in place of one of ours (INJECT := file.c --wrap=name in its .mk): no other image does.
OBJ += $(patsubst %,$(B)/%.o,$(filter %.c,$(INJECT)))

$(O)/hyp.elf: $(OBJ) $(O)/images.o $(O)/hyp.ld $(LIBFDT_$(ARCH)) $(O)/config.ok
	@echo "  LD    $@"
	@$(LD) -nostdlib --gc-sections --fatal-warnings --no-undefined -z max-page-size=4096 -T $(O)/hyp.ld -Map $(O)/hyp.map $(filter --wrap=%,$(INJECT)) $(OBJ) $(O)/images.o $(LIBFDT_$(ARCH)) -o $@

$(O)/hyp.bin: $(O)/hyp.elf
	@$(OBJCOPY) -O binary $< $@

size: $(O)/hyp.elf ## text+rodata and RAM of the image, against their limits
	@sh tools/size.sh $(SIZE) $< $(if $(DEBUG)$(CLANG)$(filter-out demo-virt,$(CONFIG)),report)

setup: ## install what is missing (root or sudo)
	@sh tools/setup.sh

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "  variables:      ARCH=arm64 CONFIG=$(CONFIG) O=dir DEBUG=1 CLANG=1"

clean: ## remove what was built, keep downloaded packages
	@find build -mindepth 1 -maxdepth 1 ! -name deps -exec rm -rf --one-file-system {} + 2>/dev/null || true

distclean: ## remove everything that git does not know
	@rm -rf --one-file-system build

.PHONY: all size setup help clean distclean
-include $(OBJ:.o=.d) $(shell find $(B)/guest -name '*.d' 2>/dev/null)
