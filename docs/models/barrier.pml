/*
 * A barrier at which threads of several processes meet, phase after phase. Any worker may be killed at any moment, or leave, or give up waiting. Its maker sees each death: nobody waits for a dead one, nobody goes on before all
 * have come, and a worker that has left may die. Left out: the looks of those that sleep by themselves, every second. Nothing here needs them.
 */
#ifndef PHASES
#define PHASES 2
#endif
#ifndef DEATHS
#define DEATHS 0
#endif
#define USERS 3

/* The words. All stores to them are interlocked. */
byte phase, count;                      /* one word, State */
bool Lost;
bool Leavers[USERS];
bool Sleepers[USERS];                   /* the bits; a thread's seat is its own */

/* The Bell, as those see it that wait: Read is one that has read it, since when it has not changed. */
#define Awake  0
#define Read   1
#define Asleep 2
byte waiter[USERS];

bool dead[USERS];
byte came[USERS];                       /* how often each has come, and not gone back */

#define anySleeper (Sleepers[0] || Sleepers[1] || Sleepers[2])

/* Ring(int.MaxValue): the word changes, and all that are asleep on it wake. */
inline ring() {
    d_step { waiter[0] = Awake; waiter[1] = Awake; waiter[2] = Awake }
}

/* PhaseLook: that the phase is over counts more than that somebody was lost. */
#define haveMet (phase != mine)
#define isLost  (phase == mine && Lost)

proctype user(byte me) {
    byte mine, rounds;
    bool met, last;
    {
        do
        :: rounds < PHASES ->
           if :: Lost -> break :: else fi;
           met = false; last = false;

           /* Come */
#ifdef NO_CAS
           mine = phase; byte seen = count;
           atomic { came[me]++;
               if :: seen + 1 >= USERS -> phase = mine + 1; count = 0; last = true :: else -> count = seen + 1 fi }
#else
           atomic { mine = phase; came[me]++;
               if
               :: count + 1 >= USERS -> assert(came[0] > mine && came[1] > mine && came[2] > mine); phase++; count = 0; last = true
               :: else -> count++
               fi }
#endif
           if
           :: last ->
              met = true;
#ifndef NO_RING
              if :: anySleeper -> ring() :: else fi
#endif
           :: else ->
              /* StateWait */
#ifdef NO_RECHECK
              if :: haveMet -> met = true; goto waited :: isLost -> goto waited :: else fi;
#endif
              Sleepers[me] = true;
              do
              :: waiter[me] = Read;
#ifndef NO_RECHECK
                 if
                 :: haveMet -> met = true; waiter[me] = Awake; break
                 :: isLost -> waiter[me] = Awake; break
                 :: else
                 fi;
#endif
                 d_step { if :: waiter[me] == Read -> waiter[me] = Asleep :: else -> waiter[me] = Awake fi };
                 if
                 :: waiter[me] != Asleep
#ifdef NO_RECHECK
                    ;
                    if :: haveMet -> met = true; break :: isLost -> break :: else fi
#endif
                 :: d_step { me == 0 && DEATHS == 0 -> waiter[me] = Awake } -> break          /* its time is over; only this one has one */
                 fi
              od;
              Sleepers[me] = false;
#ifdef NO_RECHECK
waited:       skip;
#endif
              if
              :: met
              :: else ->
                 /* TryLeave */
#ifdef NO_LEAVE
                 skip
#elif defined(LEAVES_ANY_PHASE)
                 atomic { if :: count > 0 -> count--; came[me]-- :: else -> met = true fi }
#else
                 atomic { if :: phase == mine && count > 0 -> count--; came[me]-- :: else -> met = true fi }
#endif
              fi
           fi;
           if
           :: met -> assert(came[0] > mine && came[1] > mine && came[2] > mine); rounds++
           :: !met && Lost -> break
           :: else                              /* it comes again */
           fi
        :: else -> break
        od;
        /* Dispose: whoever has done its part leaves, or not */
        if :: rounds == PHASES -> Leavers[me] = true :: skip fi
    } unless { dead[me] }
}

/* StatePage.OnWorkerEnded, right after the kernel has ended it. */
proctype maker() {
    byte i, deaths;
    do
    :: deaths < DEATHS ->
       i = 0;
       if :: skip :: i++ :: i = i + 2 fi;
       if :: dead[i] -> break :: else fi;
       d_step { dead[i] = true; deaths++; waiter[i] = Awake };
       Sleepers[i] = false;
#ifndef FORGIVES_ALL
       if :: !Leavers[i] -> Lost = true :: else fi;
#endif
#ifndef NO_WAKE
       ring()
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
