namespace Kernmantle.Wire.Shared;

/// <summary>
/// The body of a record that is published before it is full: <c>filled:i32 closed:i32</c> (0 while it is open), then answers, each <c>length:i32 bytes</c>. What it holds
/// outlives its writer at once, and needs no wake-up. Its writer first writes an answer, then <c>filled</c> (release); <c>closed</c> after the last.
/// </summary>
internal readonly unsafe struct OpenRecord(byte* body)
{
    public const int HeadSize = 8;

    /// <summary>The room for the next answer.</summary>
    public byte* At(int filled) => body + HeadSize + filled;

    public bool HasMoreThan(int taken) => Volatile.Read(ref *(int*)(body + 4)) != 0 || Volatile.Read(ref *(int*)body) != taken;

    /// <summary>By the reader: how much there is; and, if there will be no more, how long its calls took on average, in nanoseconds, else 0.</summary>
    public int Look(out int filled)
    {
        int closed = Volatile.Read(ref *(int*)(body + 4));   // read first: if it is closed, what is filled by now is all there will be
        filled = Volatile.Read(ref *(int*)body);
        return closed;
    }

    public void Open() => *(long*)body = 0;

    public void Fill(int filled) => Volatile.Write(ref *(int*)body, filled);

    /// <param name="nanoseconds">How long its calls took on average, at least 1.</param>
    public void Close(int nanoseconds) => Volatile.Write(ref *(int*)(body + 4), nanoseconds);
}
