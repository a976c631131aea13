using System.Runtime.InteropServices;
using Gateway.Proxy.Listeners.Epoll;

namespace Gateway.Proxy.Tests.Listeners.Epoll;

public sealed class EpollEventLayoutTests
{
    // sys/epoll.h: __EPOLL_PACKED on x86-64 only.
    [Theory]
    [InlineData(Architecture.X64, 12, 4)]
    [InlineData(Architecture.Arm64, 16, 8)]
    public void The_fields_lie_where_the_kernel_has_them(Architecture architecture, int size, int dataOffset)
    {
        var layout = new EpollEventLayout(architecture);
        var bytes = new byte[layout.Size];

        layout.Write(bytes, EpollEvents.Readable | EpollEvents.PeerEnded, 0x1122334455667788);

        Assert.Equal((size, dataOffset), (layout.Size, layout.DataOffset));
        Assert.Equal(0x2001u, BitConverter.ToUInt32(bytes));
        Assert.Equal(0x1122334455667788ul, BitConverter.ToUInt64(bytes, dataOffset));
        Assert.Equal((EpollEvents.Readable | EpollEvents.PeerEnded, 0x1122334455667788ul), layout.Read(bytes));
    }
}
