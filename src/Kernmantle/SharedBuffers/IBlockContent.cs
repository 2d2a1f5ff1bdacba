using Kernmantle.Platform.Linux;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.SharedBuffers;

/// <summary>Where it was made: what lies in memory that workers keep beyond the call that handed it over.</summary>
internal interface IBlockContent
{
    /// <summary>What it is.</summary>
    BlockUse Use { get; }

    /// <summary>What workers need beside the memory.</summary>
    IReadOnlyList<SafeFileHandle> Attachments { get; }

    /// <summary>A worker is about to get it.</summary>
    /// <param name="worker">The worker's number.</param>
    /// <param name="name">Its name.</param>
    /// <param name="log">Where to say what concerns it.</param>
    void OnLent(int worker, string name, ILogger log);

    /// <summary>A worker that had it has ended, and nothing of it runs any more.</summary>
    /// <param name="block">The memory.</param>
    /// <param name="worker">The worker's number.</param>
    /// <param name="end">How.</param>
    void OnWorkerEnded(SharedBlock block, int worker, ProcessEnd end);

    /// <summary>Nobody refers to it any more.</summary>
    void OnFree(SharedBlock block);
}
