using Kernmantle.Wire.Bytes;

namespace Kernmantle.Wire;

/// <summary>What a <see cref="FrameKind.ObjectCall"/> body begins with; the numbers of the objects among its arguments follow, then the payload.</summary>
/// <param name="ObjectId">The object that is called, as it was handed over.</param>
/// <param name="FunctionId">As the worker has described it before, by its own numbers.</param>
/// <param name="Shape">The function's.</param>
/// <param name="ReturnsRemote">Its result is the number of an object.</param>
/// <param name="TimeoutTicks">How long it may take; -1: what the object's pool says.</param>
/// <param name="Name">Of the call; null: the function's.</param>
/// <param name="Trace">What it is part of, as a <see cref="FrameKind.Trace"/> has it; empty for nothing.</param>
internal readonly record struct ObjectCallHeader(long ObjectId, int FunctionId, byte Shape, bool ReturnsRemote, long TimeoutTicks, string? Name, byte[] Trace)
{
    /// <summary>So many calls may be under way from one worker.</summary>
    public const int MostUnderWay = 256;

    /// <summary>So many objects among the arguments of one.</summary>
    public const int MostObjects = 10_000;

    /// <summary>So many functions a worker may describe.</summary>
    public const int MostFunctions = 16 << 10;

    /// <summary>Of one function, in bytes.</summary>
    public const int LargestDescriptor = 64 << 10;

    /// <summary>Of <see cref="Trace"/>, in bytes.</summary>
    public const int LargestTrace = 64 << 10;

    public void Write(ref PayloadWriter writer)
    {
        writer.WriteInt64(ObjectId);
        writer.WriteInt32(FunctionId);
        writer.WriteByte(Shape);
        writer.WriteByte(ReturnsRemote ? (byte)1 : (byte)0);
        writer.WriteInt64(TimeoutTicks);
        writer.WriteString(Name);
        writer.WriteInt32(Trace.Length);
        writer.WriteBytes(Trace);
    }

    /// <exception cref="InvalidPayloadException">It is none.</exception>
    public static ObjectCallHeader Read(ref PayloadReader reader) =>
        new(reader.ReadInt64(), reader.ReadInt32(), reader.ReadByte(), reader.ReadByte() != 0, reader.ReadInt64(), reader.ReadString(), ReadTrace(ref reader));

    private static byte[] ReadTrace(ref PayloadReader reader)
    {
        int length = reader.ReadInt32();
        if (length is < 0 or > LargestTrace)
            throw new InvalidPayloadException($"A trace context of {length} bytes.");
        return reader.ReadBytes(length).ToArray();
    }
}

/// <summary>What an <see cref="FrameKind.ObjectAnswer"/> begins with.</summary>
internal enum ObjectAnswerKind : byte
{
    /// <summary>The payload of the result follows.</summary>
    Result,

    /// <summary>The failure follows.</summary>
    Failed,

    Cancelled,

    /// <summary>The object's number in this very worker follows: it lives there, and is to be called there.</summary>
    Here,
}
