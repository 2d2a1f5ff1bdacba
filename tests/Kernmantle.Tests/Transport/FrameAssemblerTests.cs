using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;
using Xunit;

namespace Kernmantle.Tests.Transport;

public sealed class FrameAssemblerTests
{
    private const int MaxBody = 1 << 20;

    [Fact]
    public void Frames_come_out_as_they_went_in_however_the_bytes_are_cut()
    {
        var random = new Random(1);
        for (int round = 0; round < 200; round++)
        {
            (byte[] bytes, List<Frame> sent) = RandomStream(random);
            Assert.Equal(sent.Select(Text), Assemble(bytes, random).Select(Text));
        }
    }

    [Fact]
    public void Mutated_bytes_give_frames_or_a_violation_and_nothing_else()
    {
        var random = new Random(2);
        int violations = 0;
        for (int round = 0; round < 3000; round++)
        {
            (byte[] bytes, _) = RandomStream(random);
            for (int i = random.Next(1, 6); i > 0; i--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                Assert.All(Assemble(bytes, random), frame => Assert.True(frame.Body.Length <= MaxBody && frame.Id >= 0 && Enum.IsDefined(frame.Kind)));
            }
            catch (ProtocolViolationException)
            {
                violations++;
            }
        }
        Assert.True(violations > 100, $"{violations} violations");
    }

    [Theory]
    [InlineData(0u, 0, 0)]
    [InlineData(0u, 9, 0)]
    [InlineData(0u, 31, 0)]
    [InlineData(0u, 44, 0)]
    [InlineData(0u, 255, 0)]
    [InlineData(MaxBody + 1u, 35, 0)]
    [InlineData(uint.MaxValue, 35, 0)]
    [InlineData(0u, 35, -1)]
    public void A_header_that_no_peer_writes_is_a_violation(uint length, byte kind, long id)
    {
        using var assembler = new FrameAssembler(MaxBody);
        Assert.Throws<ProtocolViolationException>(() => Put(assembler, Bodies.Encoded(length, kind, id, []), new FrameCollector()));
    }

    [Fact]
    public void A_claimed_length_takes_no_memory()
    {
        using var assembler = new FrameAssembler(1L << 30);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Put(assembler, Bodies.Encoded(1u << 30, (byte)FrameKind.Result, 1, new byte[Buffers.Initial * 2]), new FrameCollector());
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    private static string Text(Frame frame) => $"{frame.Kind} {frame.Id} {Convert.ToHexString(frame.Body)}";

    private static (byte[] Bytes, List<Frame> Frames) RandomStream(Random random)
    {
        List<Frame> frames = [];
        List<byte> bytes = [];
        for (int i = random.Next(1, 12); i > 0; i--)
        {
            var kind = (FrameKind)random.Next((int)FrameKind.Ready, (int)FrameKind.TooLarge + 1);
            var frame = new Frame(kind, random.NextInt64(0, long.MaxValue), Bodies.Random(random, random.Next(10) == 0 ? random.Next(100_000) : random.Next(200)));
            frames.Add(frame);
            bytes.AddRange(Bodies.Encoded((uint)frame.Body.Length, (byte)frame.Kind, frame.Id, frame.Body));
        }
        return ([.. bytes], frames);
    }

    private static List<Frame> Assemble(ReadOnlySpan<byte> bytes, Random random)
    {
        var collector = new FrameCollector();
        using var assembler = new FrameAssembler(MaxBody);
        while (!bytes.IsEmpty)
        {
            int count = Math.Min(bytes.Length, random.Next(3) == 0 ? random.Next(1, 20) : random.Next(1, 30_000));
            Put(assembler, bytes[..count], collector);
            bytes = bytes[count..];
        }
        List<Frame> frames = [];
        while (collector.TryNext(out Frame? frame))
            frames.Add(frame);
        return frames;
    }

    private static void Put(FrameAssembler assembler, ReadOnlySpan<byte> bytes, IFrameReceiver receiver)
    {
        while (!bytes.IsEmpty)
        {
            Memory<byte> space = assembler.Space;
            int count = Math.Min(space.Length, bytes.Length);
            bytes[..count].CopyTo(space.Span);
            assembler.Take(count, receiver);
            bytes = bytes[count..];
        }
    }
}
