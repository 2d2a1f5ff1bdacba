using Kernmantle.Contracts;
using Kernmantle.Python.Tests.Interpreters;

namespace Kernmantle.Python.Tests.Pools;

/// <summary>
/// What a pool of interpreters promises: the mirror of the contract of all other pools, and what is Python's own. Each interpreter inherits the whole.
/// </summary>
public abstract partial class PythonContract(SharedPool shared) : PythonTests, IClassFixture<SharedPool>;

/// <summary>
/// A pool of one worker, and one of two, for the tests of a class that do not end theirs: with a pool each, most of their time was interpreters that start.
/// </summary>
public sealed class SharedPool : IAsyncDisposable
{
    private readonly Dictionary<int, PythonPool> pools = [];

    /// <summary>As good as new: a pool in which a test has left a dead worker, or a call that still runs, is not handed to the next one.</summary>
    public async Task<PythonPool> GetAsync(PythonContract test, int workers = 1)
    {
        if (pools.TryGetValue(workers, out PythonPool? pool))
        {
            if (pool is { State: not PoolState.Broken, Statistics: { Replaced: 0, Running: 0, Queued: 0 } })
                return pool;
            await pool.KillAsync();
        }
        pools[workers] = pool = test.Create(workers, new() { KillGrace = PythonTests.Deadline });
        await pool.StartAsync();
        return pool;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (PythonPool pool in pools.Values)
            await pool.KillAsync();
    }
}

/// <summary>The interpreter that is chosen where nothing is said.</summary>
public sealed class DefaultPythonTests(SharedPool shared) : PythonContract(shared);

/// <summary>The system's own, where PATH names another one.</summary>
[SecondStage]
[Interpreter("/usr/bin/python3", OtherThan = "python3")]
public sealed class DebianPythonTests(SharedPool shared) : PythonContract(shared);

/// <summary>No reference counts, and another compiler.</summary>
[SecondStage]
[Interpreter("pypy3")]
[Lacks("stacks at a timeout", "interrupts at calls only")]
public sealed class PyPyTests(SharedPool shared) : PythonContract(shared);

/// <summary>A thread for each call. Here as the contract has it, one call at a time; their side by side is <see cref="ThreadPerCallTests"/>.</summary>
[Lacks("asyncio", "signals", "interrupted sleep", "stacks at a timeout")]
public sealed class ThreadedPythonTests(SharedPool shared) : PythonContract(shared)
{
    protected internal override PythonPool Create(int workers = 1, PythonPoolOptions? options = null)
    {
        options ??= new();
        options.Setting(nameof(options.Threads), true);
        options.Setting(nameof(options.MaxConcurrency), options.MaxConcurrency ?? 1);
        return base.Create(workers, options);
    }
}

/// <summary>Another language, on another machine: threads at once. Here as the contract has it, one call at a time; their side by side is <see cref="JythonTests"/>.</summary>
[SecondStage]
[Interpreter("jython")]
[Lacks("asyncio", "fork", "numpy", "signals", "annotations", "chains of exceptions", "lone surrogates", "sys.implementation", "ctypes", "objects of the host", "few threads", "stacks at a timeout", "a log that drops", "errors by their number")]
public sealed class JythonContractTests(SharedPool shared) : PythonContract(shared)
{
    protected internal override PythonPool Create(int workers = 1, PythonPoolOptions? options = null)
    {
        options ??= new();
        options.Setting(nameof(options.MaxConcurrency), options.MaxConcurrency ?? 1);
        return base.Create(workers, options);
    }
}
