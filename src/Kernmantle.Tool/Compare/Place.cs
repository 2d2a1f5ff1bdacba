namespace Kernmantle.Tool.Compare;

/// <summary>Where the function is run.</summary>
internal enum Place
{
    Sequential,
    Threads,
    Processes,
    GlobalLock,
    EventLoop,

    /// <summary>Python: one interpreter, its asyncio loop.</summary>
    Asyncio,
}

internal static class Places
{
    public static string Name(Place place, int workers) => place switch
    {
        Place.Sequential => "one after the other",
        Place.Threads => $"{workers} threads",
        Place.Processes => $"{workers} processes",
        Place.GlobalLock => $"{workers} under a lock",
        Place.EventLoop => "event loop",
        _ => "asyncio",
    };
}
