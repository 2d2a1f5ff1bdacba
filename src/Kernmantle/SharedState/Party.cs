namespace Kernmantle.SharedState;

/// <summary>Names a thread for all processes that share an object: the worker's number, which is never used again, or 0 for the maker of the object; and the thread's in it.</summary>
internal static class Party
{
    public const int Maker = 0;

    /// <summary>The calling thread.</summary>
    public static long Me(int party) => ((long)party << 32) | (uint)Environment.CurrentManagedThreadId;

    /// <summary>The worker's number.</summary>
    public static int Of(long name) => (int)(name >> 32);

    /// <summary>The thread's.</summary>
    public static int ThreadOf(long name) => (int)name;

    /// <summary>For messages.</summary>
    public static string Describe(long name) => Of(name) == Maker
        ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"thread {ThreadOf(name)} of the process that made it")
        : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"thread {ThreadOf(name)} of worker {Of(name)}");
}
