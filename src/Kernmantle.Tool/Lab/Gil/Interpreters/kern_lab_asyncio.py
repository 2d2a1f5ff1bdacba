"""Units of work by tasks of asyncio, which not every interpreter has."""
import asyncio

from kern_lab import clock, compute

_PIECE = 2000


async def tasks(workers, units, computing, amount):
    """Seconds until all units are done by so many tasks at a time."""
    numbers = iter(range(units))

    async def run():
        for _ in numbers:
            if computing:
                for done in range(0, amount, _PIECE):
                    compute(min(_PIECE, amount - done))
                    await asyncio.sleep(0)
            else:
                await asyncio.sleep(amount)

    begin = clock()
    await asyncio.gather(*(run() for _ in range(workers)))
    return clock() - begin
