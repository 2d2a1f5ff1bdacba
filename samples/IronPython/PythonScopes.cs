using System.Globalization;
using System.Numerics;

namespace IronPythonSample;

/// <summary>What a worker does with scopes.</summary>
internal static class PythonScopes
{
    public static IPythonScope Open<TScope>(string source)
        where TScope : IPythonScope, new()
    {
        TScope opened = new();
        opened.Run(source);
        return opened;
    }

    /// <summary>
    /// What the lock of CPython does not let happen: two threads of one process in Python code at once. Calls a function of each scope with the same argument;
    /// the scopes may be one and the same.
    /// </summary>
    public static object?[] CallOnTwoThreads(IPythonScope first, IPythonScope second, string function, object? argument)
    {
        Task<object?> other = Task.Factory.StartNew(() => second.Call(function, argument), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        object? own = first.Call(function, argument);
        return [own, other.GetAwaiter().GetResult()];
    }

    /// <summary>A Python int: an <see cref="int"/> while it fits.</summary>
    public static BigInteger Integer(object? value) => value is BigInteger big ? big : Convert.ToInt64(value, CultureInfo.InvariantCulture);

    /// <summary>A Python dict, whose own type does not cross, as one that does.</summary>
    public static Dictionary<string, string> Texts(object? value) => ((IDictionary<object, object>)value!).ToDictionary(
        static entry => (string)entry.Key, static entry => Convert.ToString(entry.Value, CultureInfo.InvariantCulture)!);
}
