namespace Kernmantle.Tool.Lab.Ipc;

/// <summary>What the receiving end is told before: what comes, and when to answer.</summary>
/// <param name="Size">Of each message, in bytes.</param>
/// <param name="Count">How many; none is the end.</param>
/// <param name="EachAnswered">Else only the last is: the others flow.</param>
internal readonly record struct Order(int Size, int Count, bool EachAnswered)
{
    public const int Bytes = 3 * sizeof(int);

    public static Order Read(ReadOnlySpan<byte> bytes) =>
        new(BitConverter.ToInt32(bytes), BitConverter.ToInt32(bytes[sizeof(int)..]), BitConverter.ToInt32(bytes[(2 * sizeof(int))..]) != 0);

    public byte[] ToBytes() => [.. BitConverter.GetBytes(Size), .. BitConverter.GetBytes(Count), .. BitConverter.GetBytes(EachAnswered ? 1 : 0)];

    /// <param name="number">The first message is the first.</param>
    public bool IsAnswered(int number) => EachAnswered || number == Count;

    /// <summary>What <see cref="Receiver.Check"/> comes to over the messages that are answered together.</summary>
    public byte ExpectedFor(ReadOnlySpan<byte> message) => (byte)(Receiver.Check(message) * (EachAnswered ? 1 : Count));
}
