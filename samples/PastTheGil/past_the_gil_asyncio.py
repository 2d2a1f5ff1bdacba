"""The way on asyncio, which not every interpreter has."""
import asyncio

from past_the_gil import load, timed


def on_asyncio(file, name, inputs):
    function = load(file, name)

    async def one(each):
        await asyncio.sleep(0)
        return function(each)

    async def everything():
        return await asyncio.gather(*(one(each) for each in inputs))

    return timed(lambda: asyncio.run(everything()))
