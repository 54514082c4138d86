/* SPDX-License-Identifier: Apache-2.0 */
void gic_reach(void);
void symbol(void);
void symbol(void)
{
	gic_reach();
}
