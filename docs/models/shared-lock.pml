/*
 * A shared lock among threads of several processes, any of which may be killed at any moment, or give up waiting. Its maker sees each death and clears up: nobody waits for ever, two are never inside,
 * and who comes after one that died inside is told. Left out: the looks of those that sleep by themselves, every second. Nothing here needs them.
 */
#ifndef USERS
#define USERS 3
#endif
#ifndef DEATHS
#define DEATHS 1
#endif
#define NOBODY USERS

/* The words. All stores to them are interlocked. */
byte Owner = NOBODY;
bool Inconsistent;
bool Sleepers[USERS];                   /* the bits; a thread's seat is its own */

/* The Bell, as those see it that wait: Read is one that has read it, since when it has not changed. */
#define Awake  0
#define Read   1
#define Asleep 2
byte waiter[USERS];

bool dead[USERS];
byte insider = NOBODY;
bool died;                              /* one inside */

#define anySleeper (Sleepers[0] || Sleepers[1] || (USERS > 2 && Sleepers[USERS - 1]))

/* Ring(1): the word changes, and one of those that are asleep on it wakes. */
inline ring() {
    atomic {
        i = 0;
        do :: i < USERS -> if :: waiter[i] == Read -> waiter[i] = Awake :: else fi; i++ :: else -> break od;
        if
        :: waiter[0] == Asleep -> waiter[0] = Awake
        :: waiter[1] == Asleep -> waiter[1] = Awake
        :: USERS > 2 && waiter[USERS - 1] == Asleep -> waiter[USERS - 1] = Awake
        :: else
        fi;
        i = 0
    }
}

proctype user(byte me) {
    byte i;
    bool gaveUp, looked;
    {
        if
        :: d_step { Owner == NOBODY -> Owner = me }
        :: Owner != NOBODY ->
           Sleepers[me] = true;
           do
           :: waiter[me] = Read;
              if
#ifndef NO_RECHECK
              :: d_step { Owner == NOBODY -> Owner = me; waiter[me] = Awake } -> break
              :: Owner != NOBODY
#else
              :: skip
#endif
              fi;
              d_step { if :: waiter[me] == Read -> waiter[me] = Asleep :: else -> waiter[me] = Awake fi };
              if
              :: waiter[me] != Asleep
#ifdef NO_RECHECK
                 ;
                 if
                 :: d_step { Owner == NOBODY -> Owner = me } -> break
                 :: Owner != NOBODY
                 fi
#endif
              :: d_step { me == 0 -> gaveUp = true; waiter[me] = Awake } -> break     /* only this one waits with a time; it may have been woken just before that is over */
              fi
           od;
           Sleepers[me] = false;
        fi;
        if
        :: gaveUp ->
#ifndef NO_PASS
           if :: anySleeper -> ring() :: else fi
#else
           skip
#endif
        :: else ->
           d_step { assert(insider == NOBODY); insider = me; assert(!died || Inconsistent) };
           insider = NOBODY;
#ifdef EARLY_LOOK
           looked = anySleeper;
           Owner = NOBODY;
           if :: looked -> ring() :: else fi
#else
           Owner = NOBODY;
           if :: anySleeper -> ring() :: else fi
#endif
        fi
    } unless { dead[me] }
}

/* StatePage.OnWorkerEnded, right after the kernel has ended it. */
proctype maker() {
    byte i, deaths;
    do
    :: deaths < DEATHS ->
       d_step {
           if :: !dead[0] -> i = 0 :: dead[0] && !dead[1] -> i = 1 :: else -> i = 2 fi;
       }
       if :: skip :: i < USERS - 1 && !dead[i + 1] -> i++ fi;
       d_step { dead[i] = true; deaths++; waiter[i] = Awake; if :: insider == i -> insider = NOBODY; died = true :: else fi };
       Sleepers[i] = false;
       if
       :: Owner == i ->
#ifdef UNFLAGGED
          Owner = NOBODY;
          Inconsistent = true
#else
          Inconsistent = true;
          Owner = NOBODY
#endif
       :: else
       fi;
#ifndef NO_WAKE
       d_step { i = 0; do :: i < USERS -> waiter[i] = Awake; i++ :: else -> break od; i = 0 }
#endif
    :: break
    od
}

init {
    atomic {
        byte n;
        do :: n < USERS -> run user(n); n++ :: else -> break od;
        run maker()
    }
}
