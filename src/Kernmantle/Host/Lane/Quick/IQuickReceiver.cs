using Kernmantle.Scheduling.Calls;
using Kernmantle.Scheduling.Maps;
using Kernmantle.Wire;

namespace Kernmantle.Host.Lane.Quick;

/// <summary>Takes the answers to quick calls as well. The body is valid only during the call; what is thrown for what is in it ends the worker.</summary>
internal interface IQuickReceiver : IFrameReceiver
{
    /// <summary>
    /// The function returned. Runs no user code: see <see cref="QuickCall.IsPlain"/> and <see cref="QuickCall.IsSynchronous"/>. A call that ends with that is added to
    /// <paramref name="run"/>.
    /// </summary>
    void OnQuickResult(QuickCall call, ReadOnlySpan<byte> body, bool isOwn, List<QuickCall> run);

    /// <summary>So many items of a batch returned, from that one on: their results, each behind its length. Runs no user code. A batch that ends with that is added to <paramref name="run"/>.</summary>
    void OnQuickItems(BatchCall call, int item, int count, ReadOnlySpan<byte> answers, List<QuickCall> run);

    /// <summary>All items of the slice up to the one that is answered, which have not failed, have their results. <paramref name="body"/>: the nanoseconds that one took, 0 if that says nothing.</summary>
    void OnSliceEnd(BatchCall call, ReadOnlySpan<byte> body, List<QuickCall> run);

    /// <summary>It ended otherwise: <paramref name="kind"/> is the frame that says so of other calls.</summary>
    void OnQuickEnd(QuickCall call, FrameKind kind, ReadOnlySpan<byte> body);

    /// <summary>Those calls have their results, and end. The list may be changed.</summary>
    void OnQuickEnded(List<QuickCall> run);
}
