using System.Net;
using Gateway.Configuration.Services;

namespace Gateway.Configuration.Tests.Services;

public sealed class LocalAddressesTests
{
    [Theory]
    [InlineData("127.1.2.3")]
    [InlineData("0.0.0.0")]
    [InlineData("169.254.169.254")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("fe80::1")]
    [InlineData("febf::1%2")]
    [InlineData("fd00:ec2::254")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("::127.0.0.1")]
    [InlineData("64:ff9b::127.0.0.1")]
    [InlineData("64:ff9b::0.0.0.0")]
    [InlineData("64:ff9b::a9fe:a9fe")]
    [InlineData("2002:a9fe:a9fe::1")]
    [InlineData("2002:7f00:1::")]
    public void An_address_of_the_machine_or_its_surroundings_is_local_however_it_is_written(string address)
    {
        Assert.True(LocalAddresses.Contain(IPAddress.Parse(address)));
        Assert.NotNull(ExternalNames.Judge(address, local: false));
        Assert.Null(ExternalNames.Judge(address, local: true));
    }

    [Theory]
    [InlineData("10.0.0.1")]
    [InlineData("169.253.1.1")]
    [InlineData("0.0.0.1")]
    [InlineData("fd00:ec2::253")]
    [InlineData("fec0::1")]
    [InlineData("2001:db8::a9fe:a9fe")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("64:ff9b::10.0.0.1")]
    [InlineData("64:ff9b::1:a9fe:a9fe")]
    [InlineData("2002:a00:1::a9fe:a9fe")]
    public void Any_other_address_is_not(string address)
    {
        Assert.False(LocalAddresses.Contain(IPAddress.Parse(address)));
        Assert.Null(ExternalNames.Judge(address, local: false));
    }
}
