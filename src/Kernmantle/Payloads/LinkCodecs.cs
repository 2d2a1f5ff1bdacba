using Kernmantle.Wire.Bytes;

namespace Kernmantle.Payloads;

/// <summary>A token crosses as a link: only its index travels, and its cancellation later.</summary>
internal sealed class TokenCodec : Codec<CancellationToken>, ILinkCodec
{
    /// <summary>A token that can never be cancelled needs no link.</summary>
    private const int None = -1;

    public override void Write(ref PayloadWriter writer, CancellationToken value) =>
        writer.WriteInt32(value.CanBeCanceled ? Links.Of(writer.Scope).AddToken(value) : None);

    public override CancellationToken Read(ref PayloadReader reader)
    {
        int index = reader.ReadInt32();
        return index == None ? CancellationToken.None : Links.Of(reader.Scope).GetToken(index);
    }
}

/// <summary>A progress sink crosses as a link: reports come back to it.</summary>
internal sealed class ProgressCodec<TReport> : Codec<IProgress<TReport>?>, ILinkCodec
{
    private const int Null = -1;

    private readonly Codec<TReport> report = Codecs.For<TReport>();

    public override void Write(ref PayloadWriter writer, IProgress<TReport>? value) =>
        writer.WriteInt32(value is null ? Null : Links.Of(writer.Scope).AddProgress(value, report));

    public override IProgress<TReport>? Read(ref PayloadReader reader)
    {
        int index = reader.ReadInt32();
        return index == Null ? null : Links.Of(reader.Scope).GetProgress(index, report);
    }
}

/// <summary>Marks the codecs of what crosses as a link, which need to know of the call.</summary>
internal interface ILinkCodec;

internal static class Links
{
    public static IPayloadScope Of(IPayloadScope? scope) => scope
        ?? throw new NotPortableException("A CancellationToken or IProgress", "It crosses only as an argument or a captured variable of a call, not in a result or a report.");
}
