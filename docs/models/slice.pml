/*
 * The items of one slice, which a worker marks as begun by plain stores, and which the host takes back at any moment, or closes on, by a barrier that it puts into the worker's
 * processor. The worker's stores to SliceItem go through a store buffer of one place; Begun is only changed by interlocked operations, which wait until that is empty. Slices of
 * another worker, and what is between two slices, are in begun.pml: so is Resume, which the main thread reads behind the items (READER_RESUMES: another thread of the worker, amid them).
 */
#define ITEMS   4
#define Number  15
#define Settled 16
#define Recall  64                      /* or Retired with it: the same here */
#define NONE    0

byte Begun;
byte SliceItem;

/* The worker's store buffer. */
byte buffered = NONE;

byte runs[ITEMS + 1];                   /* by this worker, or, after they were taken back, elsewhere */
byte last;                              /* what the host takes for begun last */
bool taken;                             /* the host has taken back what is above that */
bool dead;

#ifdef READER_RESUMES
active proctype Reader() {
end:
    d_step { taken -> Begun = ITEMS }                   /* the last that was given, and no Recall */
}
#endif

inline runItem(n) { runs[n]++; assert(runs[n] == 1); assert(!taken || n <= last) }

/* The processor empties the buffer when it likes. */
active proctype Buffer() {
end:
    do
    :: d_step { buffered != NONE -> SliceItem = buffered; buffered = NONE }
    od
}

active proctype Worker() {
    byte n = 1, seen;
    {
        if
        :: d_step { Begun == 0 -> Begun = 1 }           /* the first item, as a call */
           runItem(1);
           n = 2
        :: else -> n = ITEMS + 1
        fi;
        do
        :: n > ITEMS -> break
        :: n <= ITEMS ->
           buffered == NONE;                            /* one place */
           buffered = n;
           seen = Begun;                                /* may overtake the store */
           if
           :: !(seen & Recall) -> runItem(n)
           :: else ->
#ifdef STOPS_AT_RECALL
              break
#else
              do
              :: seen & Settled ->
                 if
                 :: n <= (seen & Number) -> runItem(n); break
                 :: else -> n = ITEMS; break
                 fi
              :: else ->
                 buffered == NONE;                      /* interlocked */
                 d_step {
                     if
                     :: Begun == seen -> Begun = (seen & (255 - Number)) | n; seen = 255
                     :: else -> seen = Begun
                     fi
                 }
                 if
                 :: seen == 255 -> runItem(n); break
                 :: else
                 fi
              od
#endif
           fi;
           n++
        od
    } unless { dead }
}

active proctype Host() {
    byte seen, item;
    if
#ifdef CRASH
    :: d_step { dead = true; if :: buffered != NONE -> SliceItem = buffered; buffered = NONE :: else fi }   /* a dead process has no buffer */
#endif
    :: true
    fi;
    d_step { Begun = Begun | Recall }
#ifndef NO_BARRIER
    buffered == NONE;                                   /* in the worker: what it stored is seen, what it looks at next is new */
#endif
#ifdef NO_SETTLING
    item = SliceItem;
    last = (Begun & Number);
    if :: item > last -> last = item :: else fi;
#else
    do
    :: d_step { seen = Begun }
       item = SliceItem;
       if :: (seen & Number) > item -> item = seen & Number :: else fi;
       d_step {
           if
           :: Begun == seen -> Begun = Recall | Settled | item; last = item; seen = 255
           :: else
           fi
       }
       if :: seen == 255 -> break :: else fi
    od;
#endif
    taken = true;
    /* The rest runs elsewhere. */
    item = last + 1;
    do
    :: item > ITEMS -> break
    :: else -> d_step { runs[item]++; assert(runs[item] == 1); item++ }
    od;
    /* What counts as begun runs, where its worker lives. */
    dead || runs[1] + runs[2] + runs[3] + runs[4] == ITEMS
}
