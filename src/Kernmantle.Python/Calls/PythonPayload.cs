using System.Buffers;
using Kernmantle.Python.Memory;
using Kernmantle.Python.Values;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Python.Calls;

/// <summary>How requests are written and results are read.</summary>
internal static class PythonPayload
{
    private const byte TellBegin = 1, HasExtensions = 2, HasObjects = 4;

    /// <summary>Buffers that grew beyond this are not kept for the next call.</summary>
    private const int KeptBytes = 64 << 10;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? spare;

    /// <exception cref="NotPortableException">An argument has no Python counterpart.</exception>
    /// <exception cref="PayloadTooLargeException">It is larger than <paramref name="maxBytes"/>.</exception>
    public static byte[] Write(PythonRequest request, CallMemory memory, bool tellBegin, long maxBytes)
    {
        ArrayBufferWriter<byte> buffer = spare ?? new(256);
        spare = null;   // not rented while user-defined getters run: they may make calls themselves
        buffer.GetSpan(2)[..2].Clear();
        buffer.Advance(2);
        var writer = new PythonWriter(buffer, memory, memory.Objects);
        request.Write(ref writer);
        writer.Flush();
        long size = buffer.WrittenCount + memory.PlacedBytes;
        if (size > maxBytes)
            throw new PayloadTooLargeException($"The arguments of {request.Name}", size, maxBytes);
        byte[] payload = buffer.WrittenSpan.ToArray();
        payload[0] = (byte)request.Operation;
        payload[1] = (byte)((tellBegin ? TellBegin : 0) | (writer.HasExtensions ? HasExtensions : 0) | (memory.Objects.Named.Count > 0 ? HasObjects : 0));
        if (buffer.Capacity <= KeptBytes)
        {
            buffer.ResetWrittenCount();
            spare = buffer;
        }
        return payload;
    }

    /// <exception cref="InvalidPayloadException">No agent wrote this.</exception>
    public static T Read<T>(ref PayloadReader reader, CallMemory memory) => Read<T>(reader.ReadBytes(reader.Remaining), memory);

    /// <exception cref="InvalidPayloadException">No agent wrote this.</exception>
    public static T Read<T>(ReadOnlySpan<byte> bytes, CallMemory memory)
    {
        var python = new PythonReader(bytes, memory, memory.Objects, memory.IsPython2);
        T value = PythonCodec<T>.Read(ref python);
        python.RequireEnd();
        return value;
    }

    public static Outcome Mismatch(PythonValueMismatchException mismatch) =>
        Outcome.Failed(new PythonConversionException(mismatch.Message, mismatch.Path, mismatch.PythonType, mismatch.Wanted, mismatch.InnerException));
}
