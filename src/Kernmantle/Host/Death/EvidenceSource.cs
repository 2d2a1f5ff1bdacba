using System.Diagnostics.CodeAnalysis;
using Kernmantle.Scheduling.Calls;

namespace Kernmantle.Host.Death;

/// <summary>
/// What takes evidence from a worker that is about to be killed. It is found by name, so that a program need only reference the package: the
/// core depends on nothing that reads other processes.
/// </summary>
internal abstract class EvidenceSource
{
    private const string Name = "Kernmantle.Diagnostics.ProcessEvidence, Kernmantle.Diagnostics";

    private static readonly Lazy<EvidenceSource?> Found = new(Find);

    /// <summary>Null where the package is not referenced.</summary>
    public static EvidenceSource? Installed => Found.Value;

    /// <summary>A call with a timeout runs: evidence may be wanted soon, and the first takes longest. Returns at once.</summary>
    public abstract void Prepare();

    /// <summary>Takes what is asked for, and has let go of the process when it completes, within the budget. Does not throw.</summary>
    public abstract Task<WorkerEvidence> CaptureAsync(int processId, EvidenceOptions options);

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "The name is a constant; where the package was trimmed away it is as if it had not been referenced.")]
    private static EvidenceSource? Find() => Type.GetType(Name, throwOnError: false) is { } type ? (EvidenceSource?)Activator.CreateInstance(type) : null;
}
