/* SPDX-License-Identifier: Apache-2.0 */
void smmu_init(void);
void symbol(void);
void symbol(void)
{
	smmu_init();
}
