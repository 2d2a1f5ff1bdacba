using Kernmantle;

namespace IronPythonSample;

/// <summary>Python source, and calls of what it defines, in a worker process: what crosses, what stays there, and how a call ends that does not end.</summary>
internal static class Calls
{
    /// <param name="source">work.py.</param>
    /// <param name="limit">How long the endless script may run.</param>
    public static async IAsyncEnumerable<string> ShowAsync<TScope>(string source, TimeSpan limit)
        where TScope : IPythonScope, new()
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        await using Remote<IPythonScope> python = await pool.CreateAsync(static source => PythonScopes.Open<TScope>(source), source, new() { Recreate = true });

        // The order crosses by value, and is a .NET object for Python. The dict is taken apart where it is.
        Dictionary<string, string> invoice = await python.CallAsync(static (python, order) => PythonScopes.Texts(python.Call("invoice", order)), new Order("Kim", [4.5, 8]));
        yield return $"invoice: {string.Join(", ", invoice.OrderBy(static entry => entry.Key, StringComparer.Ordinal).Select(static entry => $"{entry.Key} {entry.Value}"))}";
        yield return $"power: {await python.CallAsync(static (python, exponent) => PythonScopes.Integer(python.Call("power", 2, exponent)), 100)}";

        yield return $"sold: {await SellAsync(python, 3)}, then {await SellAsync(python, 4)}";

        string failure = await FailureAsync<RemoteException>(python.CallAsync(static python => python.Call("divide", 1, 0) is null));
        yield return $"divide: {failure}";

        // Nothing in the engine could end this, so its worker is killed. What the scope remembered is lost, and it is made again.
        failure = await FailureAsync<CallTimeoutException>(python.With(new() { Name = "while True", Timeout = limit }).CallAsync(static python => python.Run("while True:\n    pass\n")));
        yield return $"endless: {failure}";
        yield return $"sold: {await SellAsync(python, 1)}";
    }

    private static Task<int> SellAsync(Remote<IPythonScope> python, int count) => python.CallAsync(static (python, count) => (int)python.Call("sell", count)!, count);

    private static async Task<string> FailureAsync<TFailure>(Task call)
        where TFailure : WorkerException
    {
        try
        {
            await call;
            return "ended";
        }
        catch (TFailure failure)
        {
            return failure.Message;
        }
    }
}
