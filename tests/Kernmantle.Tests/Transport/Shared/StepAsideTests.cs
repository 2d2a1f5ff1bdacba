using System.Diagnostics;
using System.Runtime.InteropServices;
using Kernmantle.Child.Lane;
using Kernmantle.Platform.Linux;
using Kernmantle.Wire.Shared;

namespace Kernmantle.Tests.Transport.SharedMemory;

/// <summary>A worker that shares a processor with its caller goes to one that is idle, and to no other.</summary>
public sealed class StepAsideTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    /// <summary>More than this machine may have.</summary>
    private const int Count = 1024;

    [Fact]
    public void It_goes_where_nobody_is()
    {
        long idle = 0;
        Assert.NotEmpty(Call((processor, at) => processor == Other(at) ? idle += 1000 : 0, looks: int.MaxValue));
    }

    [Fact]
    public void It_stays_where_the_others_are_busy() => Assert.Empty(Call(static (_, _) => 0, looks: 3));

    /// <summary>The caller's own processor has been idle whenever both slept.</summary>
    [Fact]
    public void It_does_not_go_where_it_is()
    {
        long idle = 0;
        Assert.Empty(Call((processor, at) => processor == at ? idle += 1000 : 0, looks: 3));
    }

    [Fact]
    public void The_system_says_of_each_processor_how_long_it_was_idle() => Assert.True(ProcFiles.IdleTimes().Length >= Environment.ProcessorCount);

    [Fact]
    public void A_thread_that_moves_may_run_anywhere_afterwards() => OnThread(static () =>
    {
        string before = Allowed();
        Assert.True(Processors.TryMoveTo(Processors.Current));
        Assert.False(Processors.TryMoveTo(-1));
        Assert.False(Processors.TryMoveTo(int.MaxValue));
        Assert.Equal(before, Allowed());
    });

    private static string Allowed() => File.ReadLines("/proc/thread-self/status").First(static l => l.StartsWith("Cpus_allowed:", StringComparison.Ordinal));

    /// <summary>Answers calls whose caller sleeps on the processor of this thread, until it would have gone, or has looked for an idle one so often; returns where to.</summary>
    private static unsafe int[] Call(Func<int, int, long> idleTime, int looks)
    {
        using var memory = new Zeroes();
        int seen = 0;
        List<int> moves = [];
        var aside = new StepAside(
            memory.Words,
            () =>
            {
                seen++;
                return [.. Enumerable.Range(0, Count).Select(n => idleTime(n, memory.Words->CallerProcessor - 1))];
            },
            processor =>
            {
                moves.Add(processor);
                Assert.NotEqual(memory.Words->CallerProcessor - 1, processor);
                return true;
            });
        var deadline = Stopwatch.StartNew();
        for (long call = 1; seen < looks && moves.Count == 0 && deadline.Elapsed < Bound; call++)
        {
            memory.Words->CallerProcessor = Processors.Current + 1;
            memory.Words->CallerWaiting = call << 2 | LinkWords.Sleeps;
            aside.Before(call);
        }
        return [.. moves];
    }

    private static int Other(int processor) => (processor + 1) % Count;

    /// <summary>On a thread that goes with the test.</summary>
    private static void OnThread(Action test)
    {
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                test();
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        thread.Start();
        thread.Join();
        if (failure is not null)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
    }

    private sealed unsafe class Zeroes : IDisposable
    {
        public LinkWords* Words { get; } = (LinkWords*)NativeMemory.AllocZeroed(LinkWords.Size);

        public void Dispose() => NativeMemory.Free(Words);
    }
}
