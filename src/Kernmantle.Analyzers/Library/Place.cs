namespace Kernmantle.Analyzers.Library;

/// <summary>Where calls run, as far as the code tells.</summary>
internal enum Place
{
    /// <summary>A pool that comes from elsewhere: an argument, a service.</summary>
    Unknown,

    /// <summary>On threads, also those of an exclusive pool.</summary>
    Threads,

    EventLoop,

    /// <summary>In processes, or on the caller as if it were one: what a call needs has to cross.</summary>
    Processes,

    /// <summary>On the caller.</summary>
    Inline,
}
