int no_licence_line;
/* TODO: later */
/* see ssh://mirror.example/x */
/* see /home/someone/x.h */
int space; 
