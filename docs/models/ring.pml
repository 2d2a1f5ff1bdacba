/*
 * One ring, and the wait for room in it: RingWriter, RingReader, WorkerRings.WaitForRoom, LaneAnswers.MakeRoomKnown. The worker
 * writes and the host reads; the other ring differs in what it rings. It runs for ever, so that it meets every wrap-around of every
 * mixture of lengths.
 *
 * A unit is one alignment; of each only its first word is kept. In a record's first unit that is its Header. In the others it is data,
 * which is never 0: a Header that nobody cleared is taken for a record. Records are numbered, round and round, with one number more than
 * there can be records at once.
 */
#ifndef UNITS
#define UNITS   4                       /* the capacity */
#endif
#define LONGEST 3                       /* the longest record */
#define NUMBERS UNITS
#define LAPS    (2 * UNITS)             /* positions are counted up to two laps: enough to tell full from empty */

/* The words. */
#define Header(p)     ((p) % UNITS)
#define Head          UNITS
#define WorkerBlocked (UNITS + 1)
byte mem[UNITS + 2];

/* Stores wait in a buffer, as on x86: of each side the last one, which a fence waits for. Neither side loads what it stores. */
chan workerStores = [1] of { byte, byte };
chan hostStores = [1] of { byte, byte };
#define fence(stores) empty(stores)

/* RoomBell: a futex word, as its one waiter sees it. */
bool rung;                              /* it has changed since the waiter read it */
bool asleep;

bool odd;                               /* turns with every record that is taken */

active proctype Memory() {
    byte word, value;
end:
    do
    :: atomic { workerStores ? word, value -> mem[word] = value; word = 0; value = 0 }
    :: atomic { hostStores ? word, value -> mem[word] = value; word = 0; value = 0 }
    od
}

#ifdef NO_GAP
#define GAP 0
#else
#define GAP 1                           /* the Header behind the record, which is cleared */
#endif
#define HasRoom ((tail + LAPS - mem[Head]) % LAPS + length + GAP <= UNITS)

active proctype Worker() {
    byte tail, length, k;
    byte number = 1;
    do
    :: atomic { select (length : 1 .. LONGEST) }
       do
       :: HasRoom -> break
       :: else ->
          rung = false;                 /* b = RoomBell */
          workerStores ! WorkerBlocked, 1;
#ifndef NO_WAITER_FENCE
          fence(workerStores);
#endif
          if
#ifdef NO_RECHECK
          :: true ->
#else
          :: HasRoom
          :: else ->
#endif
             atomic { asleep = !rung }; /* futexWait(RoomBell, b) */
             !asleep
          fi;
          workerStores ! WorkerBlocked, 0
       od;
#ifndef NO_CLEAR
       workerStores ! Header(tail + length), 0;
#endif
#ifdef HEADER_FIRST
       workerStores ! Header(tail), number * 4 + length;
#endif
       k = 1;
       do
       :: atomic { k < length -> workerStores ! Header(tail + k), number; k++ }
       :: atomic { else -> k = 0; break }
       od;
#ifndef HEADER_FIRST
       workerStores ! Header(tail), number * 4 + length;
#endif
       atomic { fence(workerStores); tail = (tail + length) % LAPS; number = number % NUMBERS + 1; length = 0 }
    od
}

active proctype Host() {
    byte position, length, k;
    byte number = 1;
    do
    :: atomic {
           mem[Header(position)] != 0 ->
           length = mem[Header(position)] % 4;
           assert(mem[Header(position)] == number * 4 + length)
       }
#ifdef HEAD_FIRST
       hostStores ! Head, (position + length) % LAPS;
#endif
       d_step {
           for (k : 1 .. length - 1) { assert(mem[Header(position + k)] == number) }
           k = 0
       }
#ifndef HEAD_FIRST
       hostStores ! Head, (position + length) % LAPS;
#endif
       d_step { position = (position + length) % LAPS; number = number % NUMBERS + 1; length = 0; odd = !odd }
       if
       :: mem[Header(position)] != 0    /* first the next record */
       :: true ->
#ifndef NO_FENCE
          fence(hostStores);
#endif
          if
          :: mem[WorkerBlocked] != 0 ->
             atomic { fence(hostStores); rung = true }  /* RoomBell++ */
             asleep = false                             /* futexWake(RoomBell) */
          :: else
          fi
       fi
    od
}

ltl everyRecordIsTaken { []<> odd && []<> !odd }
