/* SPDX-License-Identifier: Apache-2.0 */
int shape(void);
#ifdef SHAPE
int variant;
#endif
int shape(void)
{
	(void)1;
	(void)2;
	(void)3;
	(void)4;
	(void)5;
	(void)6;
	(void)7;
	(void)8;
	(void)9;
	(void)10;
	(void)11;
	(void)12;
	(void)13;
	(void)14;
	(void)15;
	(void)16;
	(void)17;
	(void)18;
	(void)19;
	(void)20;
	(void)21;
	(void)22;
	(void)23;
	(void)24;
	(void)25;
	(void)26;
	(void)27;
	(void)28;
	(void)29;
	(void)30;
	(void)31;
	(void)32;
	(void)33;
	(void)34;
	(void)35;
	(void)36;
	(void)37;
	(void)38;
	(void)39;
	(void)40;
	(void)41;
	(void)42;
	(void)43;
	(void)44;
	(void)45;
	(void)46;
	(void)47;
	(void)48;
	(void)49;
	(void)50;
	(void)51;
	(void)52;
	(void)53;
	(void)54;
	(void)55;
	(void)56;
	(void)57;
	(void)58;
	(void)59;
	(void)60;
	(void)61;
	return 0;
}
/* 000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000 */
