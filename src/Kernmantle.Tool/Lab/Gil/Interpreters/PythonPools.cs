using Kernmantle.Python;
using Kernmantle.Tool.Lab.Running;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Tool.Lab.Gil.Interpreters;

/// <summary>Where a Python is, and what it finds there.</summary>
/// <param name="Id">What its figures and places begin with.</param>
/// <param name="Interpreter">As <see cref="PythonPoolOptions.Interpreter"/>.</param>
/// <param name="Folder">Where <see cref="PythonModules"/> are.</param>
internal sealed record PythonSource(string Id, string? Interpreter, string Folder, ILoggerFactory? Loggers);

/// <summary>The pools of one Python.</summary>
internal sealed class PythonPools(PythonSource source) : IAsyncDisposable
{
    private readonly List<PythonPool> pools = [];

    public PythonSource Source => source;

    /// <summary>A pool that is started when it is first used.</summary>
    /// <exception cref="PythonNotFoundException">There is no such interpreter.</exception>
    public PythonPool Add(int workers, PythonWay way)
    {
        PythonPool pool = new(workers, new()
        {
            LoggerFactory = source.Loggers,
            ModulePaths = [source.Folder],
            Interpreter = source.Interpreter,
            Threads = way == PythonWay.Threads,
            Microthreads = way == PythonWay.Microthreads,
            MaxConcurrency = way == PythonWay.Processes ? 1 : null,   // Jython has a thread for each call, asked or not
            RestartLimit = 0,
        });
        pools.Add(pool);
        return pool;
    }

    /// <summary>How many steps of computing a unit is. All workers find out, so that just-in-time compilers know the work everywhere.</summary>
    public async Task<long> CalibrateAsync(CancellationToken cancellationToken)
    {
        long[] steps = await Task.WhenAll(pools.SelectMany(pool => Enumerable.Range(0, pool.WorkerCount).Select(_ =>
            pool.CallAsync<long>("kern_lab:calibrate", PythonArguments.Of(Load.Wait.TotalSeconds), cancellationToken: cancellationToken))));
        return steps.Max();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (PythonPool pool in pools)
            await pool.DisposeAsync();
    }
}
