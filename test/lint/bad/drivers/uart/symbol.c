/* SPDX-License-Identifier: Apache-2.0 */
int iommu_hw_mute(void);
int pci_init(void);
int call(void);
int call(void)
{
	return iommu_hw_mute() + pci_init();
}
