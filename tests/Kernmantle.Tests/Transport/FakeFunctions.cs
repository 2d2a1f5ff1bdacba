using Kernmantle.Functions;
using Kernmantle.Payloads;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Tests.Transport;

/// <summary>A function whose body is a test's own.</summary>
internal sealed class FakeFunction(FunctionShape shape, Func<FakeCall, CancellationToken, ValueTask> body) : WorkerFunction
{
    public override FunctionShape Shape => shape;

    public override string DisplayName => "Fake";

    public override void RunBatch(ReadOnlySpan<byte> captures, bool ownCaptures, ReadOnlySpan<byte> arguments, IBatchItems items) => throw new NotSupportedException();

    public override int RunSlice(ReadOnlySpan<byte> captures, bool bindOnce, in SliceRun run, int from) => throw new NotSupportedException();

    public override PreparedCall Prepare(ref PayloadReader payload, Func<long, object>? instance, long instanceId) => new FakeCall(body)
    {
        Arguments = payload.ReadBytes(payload.Remaining).ToArray(),
        Scope = payload.Scope,
        Target = instanceId == 0 ? null : instance!(instanceId),
    };
}

internal sealed class FakeCall(Func<FakeCall, CancellationToken, ValueTask> body) : PreparedCall
{
    public byte[] Arguments { get; init; } = [];

    public IPayloadScope? Scope { get; init; }

    public object? Target { get; init; }

    /// <summary>Set by the body.</summary>
    public byte[] Result { get; set; } = [];

    /// <summary>Set by the body: what encoding throws.</summary>
    public Exception? EncodingFailure { get; set; }

    /// <summary>Set by the body of a stream.</summary>
    public IAsyncEnumerator<byte[]>? Items { get; set; }

    /// <summary>Set by the body that creates an object.</summary>
    public object? Created { get; set; }

    public override object? Instance => Created;

    public override ValueTask InvokeAsync(CancellationToken token) => body(this, token);

    public override void Invoke(IFunctionWait wait, CancellationToken token) => wait.Wait(body(this, token));

    public override void WriteResult(ref PayloadWriter w) => Write(ref w, Result);

    public override ValueTask<bool> MoveNextAsync() => Items!.MoveNextAsync();

    public override void WriteCurrent(ref PayloadWriter w) => Write(ref w, Items!.Current);

    public override ValueTask DisposeAsync() => Items!.DisposeAsync();

    private void Write(ref PayloadWriter writer, byte[] bytes)
    {
        if (EncodingFailure is not null)
            throw EncodingFailure;
        writer.WriteBytes(bytes);
    }
}

/// <summary>Bytes as they are.</summary>
internal sealed class Int32Codec : Codec<int>
{
    public override void Write(ref PayloadWriter writer, int value) => writer.WriteInt32(value);

    public override int Read(ref PayloadReader reader) => reader.ReadInt32();
}
