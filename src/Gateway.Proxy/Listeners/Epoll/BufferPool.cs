using System.Collections.Concurrent;

namespace Gateway.Proxy.Listeners.Epoll;

/// <summary>
/// The buffers of a loop's sockets, pinned. On the loop's thread the one used last comes first, since it is still in the
/// cache; other threads share the rest. What is more than <see cref="Most"/> is left to the garbage collector.
/// </summary>
internal sealed class BufferPool(EventLoop loop)
{
    public const int BufferSize = 16 * 1024;

    private const int Most = 256;

    private static readonly ConcurrentQueue<byte[]> Shared = new();

    private readonly Stack<byte[]> _own = new();

    public byte[] Rent(int least = 0)
    {
        if (least > BufferSize)
            return GC.AllocateUninitializedArray<byte>(least, pinned: true);
        if (loop.IsCurrent && _own.TryPop(out var buffer))
            return buffer;
        return Shared.TryDequeue(out buffer) ? buffer : GC.AllocateUninitializedArray<byte>(BufferSize, pinned: true);
    }

    public void Return(byte[] buffer)
    {
        if (buffer.Length != BufferSize)
            return;
        if (loop.IsCurrent && _own.Count < Most)
            _own.Push(buffer);
        else if (Shared.Count < Most)
            Shared.Enqueue(buffer);
    }
}
