using Kernmantle.SharedBuffers;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Child.Lane;

/// <summary>What this worker has asked its host for by name, since an item of a channel named it. Thread-safe.</summary>
/// <param name="send">Sends a frame to the host.</param>
internal sealed class MemoryAsks(FrameSend send)
{
    private readonly Lock gate = new();
    private readonly Dictionary<long, TaskCompletionSource<BlockUse?>> underWay = [];
    private long last;

    /// <summary>As <see cref="IBlockHost.AskAsync"/>. Its descriptor is on the way then, or here.</summary>
    public Task<BlockUse?> AskAsync(BlockName name)
    {
        var answer = new TaskCompletionSource<BlockUse?>(TaskCreationOptions.RunContinuationsAsynchronously);
        long number;
        lock (gate)
        {
            number = ++last;
            underWay.Add(number, answer);
        }
        using var body = new PooledBuffer();
        var writer = new PayloadWriter(body);
        writer.WriteInt32(name.Id);
        writer.WriteInt64(name.Key);
        send(FrameKind.WantMemoryOf, number, body.Written, isUrgent: true);
        return answer.Task;
    }

    /// <summary>By whoever takes frames.</summary>
    public void OnAnswer(long number, ReadOnlySpan<byte> body)
    {
        TaskCompletionSource<BlockUse?>? asked;
        lock (gate)
            underWay.Remove(number, out asked);
        var reader = new PayloadReader(body);
        var kind = (MemoryAnswerKind)reader.ReadByte();
        if (kind == MemoryAnswerKind.TooMuch)
            asked?.TrySetException(new InsufficientMemoryException("This worker holds as much shared memory as it may."));
        else
            asked?.TrySetResult(kind == MemoryAnswerKind.None ? null : new(reader.ReadByte(), reader.ReadInt64()));
    }
}
