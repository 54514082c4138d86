/* SPDX-License-Identifier: Apache-2.0 */
/* The boot order, to be read as prose. The first thing that happens to a unit is that it blocks [I1]. */
#include <arch/cpu.h>
#include <arch/irq.h>
#include <arch/mmu.h>
#include <arch/platform.h>
#include <arch/time.h>
#include <bulkhead/abi.h>
#include <hyp/console.h>
#include <hyp/entry.h>
#include <hyp/log.h>
#include <hyp/pci.h>
#include <hyp/platform.h>

static struct platform platform;

void hyp_power_off(const char *why)
{
	if (log_max >= LOG_DEBUG) {
		iommu_report();
	}
	log_info("power off: %s", why);
	console_flush();
	arch_power_off();
}

static __noreturn void refuse_boot(const char *why)
{
	log_error("boot refused: %s", why);
	iommu_block_all();
	arch_power_off();
}

static void read_firmware(uintptr_t boot_arg)
{
	if (ARCH_BOOT_TABLE_SIZE == 0 || arch_hyp_map(pa(boot_arg), ARCH_BOOT_TABLE_SIZE, PROT_READ) == 0) {
		arch_platform_read(boot_arg, &platform);
	}
	arch_platform_use(&platform);
}

static void report_difference(void *ctx, const char *rule, bool fatal, const char *text)
{
	log_line(fatal ? LOG_ERROR : LOG_WARN, "%s [%s] %s", fatal ? "board check:" : "board note:", rule, text);
}

/*
 * Every unit the machine has, whether the configuration knows it or not. A unit that cannot be driven still
 * blocks what it can; the board check says what to do about it.
 */
static void block_units(void)
{
	const struct board *b = platform.valid ? &platform.board : &hyp_config.board;

	platform_order_units(&platform, &hyp_config);
	if (iommu_probe_and_block(b, hyp_config.sync_timeout_ms) != 0) {
		(void)config_check(&hyp_config, &platform, report_difference, NULL); /* it may be why */
		refuse_boot("an IOMMU unit could not be put into its blocking state");
	}
	for (unsigned i = 0; i < iommu_unit_count && i < platform.board.unit_count; i++) {
		platform.board.unit[i].sid_bits = iommu_units[i].cap.sid_bits;
		platform.board.unit[i].out_bits = iommu_units[i].cap.out_bits;
	}
}

static void check_board(uintptr_t boot_arg)
{
	unsigned broken = config_check(&hyp_config, &platform, report_difference, NULL);

	if (ARCH_BOOT_TABLE_SIZE != 0) {
		arch_hyp_unmap(pa(boot_arg), ARCH_BOOT_TABLE_SIZE); /* it lies in what may be a partition's memory */
	}
	if (broken > 0) {
		refuse_boot("the machine is not what the configuration was made for, see above");
	}
}

static void start_cpus(void)
{
	for (unsigned cpu = 1; cpu < hyp_config.board.cpu_count; cpu++) {
		if (vcpu_on_cpu(cpu) && arch_cpu_start(cpu) != 0) {
			hyp_panic("panic: cpu %u did not start: compare -smp with board.cpu_count", cpu);
		}
	}
}

static __noreturn void run(unsigned cpu)
{
	struct vcpu *vcpu = vcpu_on_cpu(cpu);

	if (vcpu) {
		arch_vcpu_run(vcpu);
	}
	arch_cpu_idle();
}

/* From here on what was only needed to come this far is gone: linker/init.ld.h says what that is. */
__noreturn static __attribute__((noinline)) void hyp_start(void)
{
	arch_seal();
	vm_start_all();
	if (log_max >= LOG_DEBUG) {
		iommu_report();
	}
	log_info("%u partition(s) start", vm_count);
	start_cpus();
	run(0);
}

void hyp_main(uintptr_t boot_arg)
{
	console_init(&hyp_config.board);
	log_info("Bulkhead, guest API %u.%u, configuration %s", BH_ABI_VERSION >> 16, BH_ABI_VERSION & 0xffff,
		 hyp_config.name);
	read_firmware(boot_arg);
	block_units();
	check_board(boot_arg);
	if (arch_irq_init(&hyp_config.board) != 0) {
		refuse_boot("the interrupt controller could not be started");
	}
	arch_irq_init_cpu();
	vm_build_all(&hyp_config);
	if (hyp_config.board.pci.present && pci_init(&hyp_config.board.pci) != 0) {
		refuse_boot("the PCI host bridge could not be started");
	}
	if (pci_scope_check(&hyp_config, &platform) + pci_assign(&hyp_config) > 0) {
		refuse_boot("PCI devices are not where the configuration wants them, see above");
	}
	pci_report();
	iommu_build(&hyp_config);
	if (iommu_enable() != 0) {
		refuse_boot("an IOMMU unit could not be enabled");
	}
	console_start();
	hyp_start();
}

void hyp_cpu_main(unsigned cpu)
{
	arch_irq_init_cpu();
	arch_cpu_up();
	run(cpu);
}
