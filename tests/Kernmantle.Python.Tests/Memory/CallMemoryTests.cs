using System.Buffers;
using Kernmantle.Python.Calls;
using Kernmantle.Python.Interpreters;
using Kernmantle.Python.Memory;
using Kernmantle.Python.Workers;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Wire.Bytes;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kernmantle.Python.Tests.Memory;

/// <summary>A call may be ended, by a kill, a timeout or its caller, while what its worker wrote is read: memory that is unmapped under a reader ends the program.</summary>
public sealed class CallMemoryTests
{
    [Fact]
    public void Memory_stays_while_it_is_used_and_goes_back_after_that()
    {
        using var pool = new MemoryPool();
        var memory = new CallMemory(pool, 1 << 20);
        PythonMemory piece = memory.TryGrant(4096)!;
        using (CallMemory.Use first = memory.Enter())
        {
            using CallMemory.Use second = memory.Enter();
            Assert.False(first.IsOver || second.IsOver);
            memory.Close(again: false);
            Assert.Equal(4096, memory.Get(piece.Id, 0, 4096).Length);
            Assert.Equal(0, pool.Removals);
        }
        Assert.Equal(1, pool.Removals);
    }

    [Fact]
    public void Nobody_enters_memory_whose_call_has_ended()
    {
        using var pool = new MemoryPool();
        var memory = new CallMemory(pool, 1 << 20);
        memory.Close(again: true);
        using CallMemory.Use use = memory.Enter();
        Assert.True(use.IsOver);
        Assert.False(memory.TryPlace(new byte[100], out _, out _));
    }

    [Fact]
    public void Memory_that_was_closed_once_for_good_is_not_used_again()
    {
        using var pool = new MemoryPool();
        var memory = new CallMemory(pool, 1 << 20);
        _ = memory.TryGrant(4096);
        using (memory.Enter())
        {
            memory.Close(again: false);
            memory.Close(again: true);
        }
        Assert.Equal(1, pool.Removals);
    }

    [Fact]
    public void What_is_said_of_a_call_that_has_ended_is_not_read()
    {
        using var pool = new MemoryPool();
        var request = new FunctionRequest(PythonOperation.Call, "m:f", PythonArguments.Of(1));
        byte[] said = [.. BitConverter.GetBytes(0.001), (byte)'N'];
        CallMemory Memory() => new(pool, 1 << 20);
        CallMemory single = Memory(), many = Memory();
        Ended(new PythonCall<int>(request, single, false, new(), default));
        Ended(new PythonBatch<int, int>("m:f", [1, 2, 3], 0, many, new(), default));

        void Ended(Call call)
        {
            call.Encode(1 << 20);
            call.Complete(Outcome.Cancelled);
            var reader = new PayloadReader(said);
            Assert.True(call.Decode(ref reader).IsCancelled);
        }
    }

    [Fact]
    public async Task A_batch_that_is_ended_while_its_answer_is_read_has_each_item_once()
    {
        using var pool = new MemoryPool();
        byte[] said = BitConverter.GetBytes(0.001);
        for (int round = 0; round < 500; round++)
        {
            var batch = new PythonBatch<int, int>("m:f", [.. Enumerable.Range(0, 200)], 0, new CallMemory(pool, 1 << 20), new(), default);
            batch.Encode(1 << 20);   // its answers are zeros: integers
            using var both = new Barrier(2);
            Task ends = Task.Run(() =>
            {
                both.SignalAndWait();
                batch.Complete(Outcome.Failed(new WorkerCrashedException("It died.", CrashReason.Killed, null, null, [], [])));
            }, TestContext.Current.CancellationToken);
            both.SignalAndWait(TestContext.Current.CancellationToken);
            var reader = new PayloadReader(said);
            Outcome read = batch.Decode(ref reader);
            await ends;
            Assert.Equal(200, batch.Results.Count);
            Assert.All(batch.Results, result => Assert.True(result.Failure is null || read.IsCancelled));
        }
    }

    [Fact]
    public void What_the_words_of_a_worker_said_last_can_be_asked_for_after_its_end()
    {
        using var pool = new MemoryPool();
        var options = new PythonPoolOptions { LoggerFactory = NullLoggerFactory.Instance };
        var dialect = new PythonDialect(new(options, FoundInterpreter.At("/bin/sh"), NullLogger.Instance, pool, static _ => { }));
        dialect.Dispose();
        dialect.Dispose();
        Assert.True(dialect.HasTaken(0));
        Assert.False(dialect.HasTaken(1));
    }
}
