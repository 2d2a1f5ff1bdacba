using System.Threading.Channels;
using Kernmantle.Python;
using Kernmantle.Tool.Lab.Running;

namespace Kernmantle.Tool.Lab.Gil.Interpreters;

/// <summary>One of Python's ways to do several things at once, in a pool that somebody else starts and disposes of.</summary>
internal sealed class PythonPlace(string name, PythonWay way, PythonPool pool, long steps) : IWorkPlace
{
    /// <summary>Nobody writes to it, so that who reads it waits as long as it says.</summary>
    private readonly Channel<int> silent = Channel.CreateBounded<int>(1);

    public string Name => name;

    public PythonWay Way => way;

    public Task PrepareAsync(int workers, CancellationToken cancellationToken) => pool.StartAsync(cancellationToken);

    public Task<double> RunAsync(int workers, int units, bool computing, CancellationToken cancellationToken)
    {
        object amount = computing ? (object)steps : Load.Wait.TotalSeconds;
        return way switch
        {
            PythonWay.Asyncio => Inside("kern_lab_asyncio:tasks"),
            PythonWay.SubInterpreters => Inside("kern_lab_subinterpreters:units"),
            PythonWay.Microthreads when computing => Calls("kern_lab_microthreads:compute_in_turns", amount),
            PythonWay.Microthreads => Calls("kern_lab_microthreads:wait", silent.Reader, amount),
            _ => Calls(computing ? "kern_lab_work:compute" : "kern_lab:wait", amount),
        };

        Task<double> Inside(string function) =>
            pool.CallAsync<double>(function, PythonArguments.Of(workers, units, computing, amount), cancellationToken: cancellationToken);
        Task<double> Calls(string function, params object[] arguments) =>
            Turns.SpreadAsync(workers, units, _ => pool.CallAsync<object?>(function, PythonArguments.Of(arguments), cancellationToken: cancellationToken));
    }
}
