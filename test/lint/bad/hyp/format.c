/* SPDX-License-Identifier: Apache-2.0 */
int format(int a);
int format(int a)
{
	if(a){
	  return 1;
	}
	return 0;
}
