namespace Kernmantle.Functions;

/// <summary>A synchronisation context to which code of ours that stands between two parts of the user's comes back, too.</summary>
internal interface IStepContext
{
    /// <summary>Whether the calling thread is in such a one.</summary>
    static bool IsCurrent => SynchronizationContext.Current is IStepContext;
}
