using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;
using Xunit;

namespace Kernmantle.Tests.Transport;

public sealed class MessageTests
{
    [Fact]
    public void Hello_survives_the_crossing()
    {
        var hello = new Hello("First", 3, 1000, 1024, 64, Protocol.HasInitializer);
        var reader = new PayloadReader(Bodies.Of(hello.Write));
        Assert.Equal(hello, Hello.Read(ref reader));
        Assert.Equal(0, reader.Remaining);
    }

    [Fact]
    public void Another_build_is_refused_by_both()
    {
        Assert.Throws<ProtocolViolationException>(static () =>
        {
            byte[] hello = Bodies.Of(new Hello("First", 3, 1000, 1024, 64, 0).Write);
            hello[^1] ^= 1;
            var reader = new PayloadReader(hello);
            Hello.Read(ref reader);
        });
        Assert.Throws<ProtocolViolationException>(static () =>
        {
            byte[] ready = Bodies.Of(new Ready(1).Write);
            ready[0]++;
            var reader = new PayloadReader(ready);
            Ready.Read(ref reader);
        });
    }

    [Fact]
    public void An_unknown_reason_is_refused() => Assert.Throws<InvalidPayloadException>(static () =>
    {
        var reader = new PayloadReader([200, 0, 0, 0, 0, 0, 0, 0, 0]);
        Unavailable.Read(ref reader);
    });
}
