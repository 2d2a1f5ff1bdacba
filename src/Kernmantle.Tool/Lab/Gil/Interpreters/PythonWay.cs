namespace Kernmantle.Tool.Lab.Gil.Interpreters;

/// <summary>How an interpreter does several things at once.</summary>
internal enum PythonWay
{
    /// <summary>A thread for each call, in one interpreter.</summary>
    Threads,

    /// <summary>An interpreter for each call.</summary>
    Processes,

    /// <summary>A greenlet for each call, in one interpreter: Stackless Python's way.</summary>
    Microthreads,

    /// <summary>A task for each unit, on one loop.</summary>
    Asyncio,

    /// <summary>A thread for each unit, with a sub-interpreter that has a global lock of its own.</summary>
    SubInterpreters,
}

internal static class PythonWays
{
    public static string Text(this PythonWay way) => way switch
    {
        PythonWay.Threads => "threads",
        PythonWay.Processes => "processes",
        PythonWay.Microthreads => "microthreads",
        PythonWay.Asyncio => "asyncio",
        _ => "sub-interpreters",
    };
}
